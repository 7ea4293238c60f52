//! How much memory is asked for. A fuzzer notices what is used; a length that is believed before it is checked asks for
//! gigabytes and uses none of them.

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// So much may be asked for whatever the input is, in bytes: buffers have a least size, and grow in steps.
const FREE: usize = 256 << 10;

/// So much may be asked for per byte of the input. The dearest is an operation of a multi: two hundred bytes for a header
/// and an empty path, and as much again while the list of them grows.
const PER_BYTE: usize = 64;

/// Does something with input of this many bytes, which may ask for no more memory than they pay for.
///
/// What other threads ask for counts, too: whoever measures should be alone.
pub(crate) fn within_means<T>(input_length: usize, act: impl FnOnce() -> T) -> T {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let value = act();
    let asked_for = ALLOCATOR.peak_usage().saturating_sub(before);
    let allowed = FREE + PER_BYTE * input_length;
    assert!(asked_for <= allowed, "{input_length} bytes of input made it ask for {asked_for} bytes of memory");
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "10 bytes of input made it ask for")]
    fn a_claim_that_is_believed_is_noticed() {
        within_means(10, || std::hint::black_box(Vec::<u8>::with_capacity(1 << 30)).len());
    }
}
