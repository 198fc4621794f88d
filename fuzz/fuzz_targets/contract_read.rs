//! Any bytes, read by a contract that the first of them chooses.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Err(broken) = fixtures::contract_check::replay(input) {
        panic!("{broken}");
    }
});
