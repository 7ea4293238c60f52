//! Sends `clock_gettime` of this package's own test binaries through `host`, so that code of others reads the clock of
//! its node. Only where simulated machines exist.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_CFG_MADSIM").is_some() {
        println!("cargo:rustc-link-arg=-Wl,--wrap=clock_gettime");
    }
}
