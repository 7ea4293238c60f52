//! Names the compiler for failure reports, and sends `clock_gettime` of this package's own test binaries through `host`,
//! so that code of others reads the clock of its node.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().ok();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    println!("cargo:rustc-env=INTERREGNUM_RUSTC={}", version.unwrap_or_else(|| "an unknown rustc".to_owned()));
    if std::env::var_os("CARGO_CFG_MADSIM").is_some() {
        println!("cargo:rustc-link-arg=-Wl,--wrap=clock_gettime");
    }
}
