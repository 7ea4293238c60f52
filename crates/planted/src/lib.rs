//! How a crate asks which planted bug is at work: one question a mutant.
//!
//! What the bugs are, each crate says itself, in its `Mutant`. Ordinary builds know none: without the crate's feature
//! `zoo` every question is the constant `false`, and nothing of the zoo is left in the program.

/// Makes `Planted` of a crate that has a `Mutant`, under its feature `zoo`: which bug is at work, if any.
///
/// ```
/// # use interregnum_planted as planted;
/// planted::questions! {
///     half_is_quorum => HalfIsQuorum,
/// }
///
/// let (members, planted) = (4, Planted::default());
/// let quorum = if planted.half_is_quorum() { members / 2 } else { members / 2 + 1 };
/// assert_eq!(quorum, 3);
/// ```
#[macro_export]
macro_rules! questions {
    ($($question:ident => $mutant:ident),+ $(,)?) => {
        /// Which planted bug is at work, if any.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(crate) struct Planted {
            #[cfg(feature = "zoo")]
            mutant: Option<Mutant>,
        }

        impl Planted {
            #[cfg(feature = "zoo")]
            pub(crate) fn new(mutant: Option<Mutant>) -> Planted {
                Planted { mutant }
            }

            $(
                #[cfg(feature = "zoo")]
                pub(crate) fn $question(self) -> bool {
                    self.mutant == Some(Mutant::$mutant)
                }

                #[cfg(not(feature = "zoo"))]
                #[allow(clippy::unused_self, reason = "the same call in both builds")]
                pub(crate) const fn $question(self) -> bool {
                    false
                }
            )+
        }
    };
}
