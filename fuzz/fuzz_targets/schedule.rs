#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| interregnum_hostile::check_schedule(input));
