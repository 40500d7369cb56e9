#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    kandy_fuzz::target::channel_frame(input);
});
