//! What `--set` and `--budget` say.

use std::time::Duration;

use interregnum::{UserError, span};

/// Takes `key=value` apart.
pub fn parse(settings: &[String]) -> Result<Vec<(String, String)>, UserError> {
    let pair = |setting: &String| match setting.split_once('=') {
        Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
        None => Err(UserError::BadValue {
            key: "--set".into(),
            value: setting.clone(),
            expected: "setting",
            why: "it is written `key=value`".into(),
        }),
    };
    settings.iter().map(pair).collect()
}

/// Reads how long something may take.
pub fn budget(text: &str) -> Result<Duration, UserError> {
    span::parse(text).map_err(|why| UserError::BadValue {
        key: "--budget".into(),
        value: text.into(),
        expected: "length of time",
        why,
    })
}
