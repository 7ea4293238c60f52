//! The features that the crate under test is built with, for the command that shows a failure again: without them another
//! program would be tested.
//!
//! They are read off the compiler's own command line, where cargo puts them. Nobody promises that they are there; where
//! they are not, the command is the shorter for it.

/// The features of the crate that is being compiled, without `default`.
pub(crate) fn of_this_crate() -> Vec<String> {
    in_arguments(std::env::args())
}

fn in_arguments(arguments: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut features = Vec::new();
    let mut is_cfg = false;
    for argument in arguments {
        let cfg = match argument.strip_prefix("--cfg=") {
            Some(cfg) => Some(cfg),
            None => is_cfg.then_some(argument.as_str()),
        };
        let name = cfg.and_then(|cfg| cfg.strip_prefix("feature=\"")).and_then(|cfg| cfg.strip_suffix('"'));
        features.extend(name.filter(|name| *name != "default").map(str::to_owned));
        is_cfg = argument == "--cfg";
    }
    features
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_found_and_other_settings_are_not() {
        let line =
            r#"rustc --cfg feature="default" --cfg feature="hasty" --cfg madsim --cfg=feature="other" feature="x""#;
        assert_eq!(in_arguments(line.split(' ').map(str::to_owned)), ["hasty", "other"]);
    }
}
