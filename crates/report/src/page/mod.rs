//! The page, to come.

use history::Record;

use crate::distribution::Distribution;
use crate::subject::Subject;
use crate::text::{text, text_of_times};

/// The story of a run as a page.
pub fn page(subject: &Subject, records: &[Record]) -> String {
    text(subject, records)
}

/// Times without a leader as a page.
pub fn page_of_times(_: &str, times: &Distribution) -> String {
    text_of_times(times)
}
