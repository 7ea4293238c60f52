//! The dice of `fastrand`, which belong to the thread: swapped in and out, so that each guest has its own.

/// The state of a guest's dice while it is not running.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// Dice of their own for a task of the guest that is running.
    pub(crate) fn forked() -> Dice {
        Dice(fastrand::u64(..))
    }

    /// Puts them in place of the thread's, until what is returned is dropped.
    pub(crate) fn enter(&mut self) -> Entered<'_> {
        let outside = fastrand::get_seed();
        fastrand::seed(self.0);
        Entered { dice: self, outside }
    }
}

/// The dice are in place.
pub(crate) struct Entered<'a> {
    dice: &'a mut Dice,
    outside: u64,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.dice.0 = fastrand::get_seed();
        fastrand::seed(self.outside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_own_whoever_draws_in_between() {
        let draw = |dice: &mut Dice| {
            let _entered = dice.enter();
            fastrand::u64(..)
        };
        let alone: Vec<u64> = {
            let mut dice = Dice::new(7);
            (0..4).map(|_| draw(&mut dice)).collect()
        };
        let (mut one, mut other) = (Dice::new(7), Dice::new(8));
        let beside: Vec<u64> = (0..4)
            .map(|_| {
                draw(&mut other);
                fastrand::u64(..);
                draw(&mut one)
            })
            .collect();
        assert_eq!(alone, beside);
    }
}
