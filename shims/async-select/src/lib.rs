//! Stands in for the crate `async-select`: a `select!` whose branches are polled in the order in which they are written.
//!
//! The real one begins with a branch that it takes from the *address* of its futures, so that the order depends on where the
//! allocator and the kernel put things: another one in each process, and in each run of a process. Every order is one that
//! its users must bear ("indeterminate", says its documentation); this is the one that can be repeated. The macro itself is
//! the real one's, from `async-select-proc-macros`, whose biased form this is.

/// Waits for the first of several futures, in the order in which they are written.
#[macro_export]
macro_rules! select {
    (biased; $($token:tt)*) => {
        $crate::select_biased! { $($token)* }
    };
    ($($token:tt)*) => {
        $crate::select_biased! { $($token)* }
    };
}

// So that whoever uses the macro need not depend on where it comes from.
#[doc(hidden)]
pub use async_select_proc_macros::select_biased;

#[cfg(test)]
mod tests {
    use std::future::{Future, ready};
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    #[test]
    fn the_first_branch_that_is_ready_is_taken_wherever_its_futures_lie() {
        for depth in 0..16 {
            assert_eq!(at_depth(depth), Poll::Ready(1));
        }
    }

    /// Polls a `select!` so much further down the stack.
    fn at_depth(depth: usize) -> Poll<u8> {
        if depth > 0 {
            let room = std::hint::black_box([depth; 9]);
            let answer = at_depth(depth - 1);
            assert_eq!(room, std::hint::black_box([depth; 9]), "it lies there until the answer has come");
            return answer;
        }
        let selecting = pin!(async {
            crate::select! {
                first = ready(1_u8) => first,
                second = ready(2_u8) => second,
                third = ready(3_u8) => third,
            }
        });
        selecting.poll(&mut Context::from_waker(Waker::noop()))
    }
}
