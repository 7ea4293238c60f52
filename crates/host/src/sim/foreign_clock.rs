//! What code that we do not own reads when it asks `std::time`.
//!
//! A binary linked with `--wrap=clock_gettime` (the build scripts of this workspace ask for it) sends every call of
//! `clock_gettime` to [`__wrap_clock_gettime`], above madsim's own interposition, which knows one clock for all nodes.
//! On a node the answer is the node's clock; outside a simulation it is the operating system's. A binary that is not
//! linked so never comes here, and its foreign code reads madsim's one clock.
//!
//! This is the one file of the house with unsafe code: it is called through C's interface, by libraries that know
//! nothing of Rust, so it never panics and never waits for a lock that its own thread may hold: the locks taken are
//! those of the roster and of the clocks, under which nobody asks for the time.
//!
//! Refused: `gettimeofday` and `time`, which Rust's standard library does not call on Linux, and madsim's own timers
//! in terms of `Instant` (`madsim::time::sleep_until`, `interval`), which reckon by true time.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

use super::World;

/// Which clock is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Wall,
    Monotonic,
}

impl Kind {
    /// Nothing for clocks that a simulation does not bend, such as those of the processor.
    fn of(clock: libc::clockid_t) -> Option<Kind> {
        match clock {
            libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE => Some(Kind::Wall),
            libc::CLOCK_MONOTONIC | libc::CLOCK_MONOTONIC_RAW | libc::CLOCK_MONOTONIC_COARSE | libc::CLOCK_BOOTTIME => {
                Some(Kind::Monotonic)
            }
            _ => None,
        }
    }
}

/// Stands in for `clock_gettime` in binaries linked with `--wrap=clock_gettime`.
///
/// # Safety
/// As for `clock_gettime`: `answer` points to a `timespec` that may be written, or is null.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_clock_gettime(clock: libc::clockid_t, answer: *mut libc::timespec) -> libc::c_int {
    let simulated = Kind::of(clock).and_then(simulated);
    match simulated {
        Some(reading) if !answer.is_null() => {
            let reading = libc::timespec {
                tv_sec: libc::time_t::try_from(reading.as_secs()).unwrap_or(libc::time_t::MAX),
                tv_nsec: libc::c_long::from(reading.subsec_nanos().cast_signed()),
            };
            // SAFETY: not null, and by contract writable.
            unsafe { answer.write(reading) };
            0
        }
        // SAFETY: the arguments are passed on as they came.
        _ => unsafe { real(clock, answer) },
    }
}

/// What the running node's clock reads; a simulation without a [`World`] has madsim's clock. Nothing outside.
fn simulated(kind: Kind) -> Option<Duration> {
    if let Some(world) = World::try_current() {
        let mut buffer = [0_u8; 256];
        let (monotonic, wall) = world.clocks().of_host(host_name(&mut buffer));
        return Some(match kind {
            Kind::Wall => wall.since_epoch(),
            Kind::Monotonic => monotonic.reading(),
        });
    }
    let time = madsim::time::TimeHandle::try_current()?;
    match kind {
        Kind::Wall => time.now_time().duration_since(std::time::UNIX_EPOCH).ok(),
        Kind::Monotonic => Some(time.elapsed()),
    }
}

/// The name of the running node, as madsim gives it to libc: unlike `madsim::plugin::node` it needs no running task.
fn host_name(buffer: &mut [u8; 256]) -> &str {
    // The last byte stays zero, whatever is written.
    // SAFETY: the pointer and the length are those of a buffer that is ours alone.
    let failed = unsafe { libc::gethostname(buffer.as_mut_ptr().cast(), buffer.len() - 1) } != 0;
    if failed {
        return "";
    }
    CStr::from_bytes_until_nul(buffer).ok().and_then(|name| name.to_str().ok()).unwrap_or("")
}

/// Asks the operating system.
///
/// # Safety
/// As for `clock_gettime`.
unsafe fn real(clock: libc::clockid_t, answer: *mut libc::timespec) -> libc::c_int {
    type ClockGettime = unsafe extern "C" fn(libc::clockid_t, *mut libc::timespec) -> libc::c_int;
    static REAL: AtomicPtr<libc::c_void> = AtomicPtr::new(std::ptr::null_mut());

    let mut function = REAL.load(Ordering::Relaxed);
    if function.is_null() {
        // SAFETY: the name is a C string. The next definition after this binary's own is libc's.
        function = unsafe { libc::dlsym(libc::RTLD_NEXT, c"clock_gettime".as_ptr()) };
        if function.is_null() {
            return -1;
        }
        REAL.store(function, Ordering::Relaxed);
    }
    // SAFETY: libc's `clock_gettime` has this signature.
    let function = unsafe { std::mem::transmute::<*mut libc::c_void, ClockGettime>(function) };
    // SAFETY: by the caller's contract.
    unsafe { function(clock, answer) }
}
