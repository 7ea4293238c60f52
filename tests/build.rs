//! Sends `clock_gettime` through `host`, so that code of others reads the clock of its node. Only where simulated
//! machines exist. Every binary of this package must then link `host`: one that uses nothing of it says `use host as _;`.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_CFG_MADSIM").is_some() {
        println!("cargo:rustc-link-arg=-Wl,--wrap=clock_gettime");
    }
}
