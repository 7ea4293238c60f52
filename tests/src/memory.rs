//! The memory of a process.

/// How much of the memory of a process is resident, in bytes.
///
/// # Panics
/// If the system does not tell: only Linux does, in this way.
#[must_use]
pub fn resident(process: u32) -> u64 {
    let file = format!("/proc/{process}/status");
    let status = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a living process has memory");
    let kib: u64 = line.trim().trim_end_matches("kB").trim_end().parse().expect("a number of kibibytes");
    kib << 10
}

/// Bytes in mebibytes, for people.
#[must_use]
pub fn mebibytes(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let bytes = bytes as f64;
    bytes / f64::from(1 << 20)
}
