//! The page: one HTML file with all that it needs, which a browser opens from disk.
//!
//! It asks nobody for anything: style, script and data are inside, and its policy forbids the rest. The files beside this
//! one are put together as they are; nothing is built.

mod data;

use history::Record;
use serde_json::Value;

use crate::distribution::Distribution;
use crate::story::Story;
use crate::subject::Subject;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

/// The parts of the script, each of which uses only what stands before it.
const RUN_SCRIPT: [&str; 10] = [
    include_str!("script/tools.js"),
    include_str!("script/data.js"),
    include_str!("script/view.js"),
    include_str!("script/colours.js"),
    include_str!("script/lanes.js"),
    include_str!("script/marks.js"),
    include_str!("script/arrows.js"),
    include_str!("script/telling.js"),
    include_str!("script/column.js"),
    include_str!("script/main.js"),
];
const THEME: &str = include_str!("script/theme.js");
const PLOT: &str = include_str!("script/plot.js");
const BODY: &str = include_str!("run.html");
const BODY_OF_TIMES: &str = include_str!("times.html");

/// The story of a run as one HTML file that opens from disk. Of records that a log kept for the story only, messages and
/// acts are missing.
pub fn page(subject: &Subject, records: &[Record]) -> String {
    let story = Story::new(subject, records);
    let title = format!("{} seed {}: {}", subject.scenario, subject.seed, subject.verdict);
    let mut script = vec![THEME];
    script.extend(RUN_SCRIPT);
    script.push(PLOT);
    fill(&title, BODY, &data::of_run(subject, &story), &script)
}

/// Times without a leader as one HTML file. `title` says where they come from.
pub fn page_of_times(title: &str, times: &Distribution) -> String {
    let data = serde_json::json!({"title": title, "times": data::times(times)});
    fill(&format!("Times without a leader: {title}"), BODY_OF_TIMES, &data, &[THEME, RUN_SCRIPT[0], PLOT])
}

/// Puts the parts together. What is put in is not looked at again, whatever marks it holds.
fn fill(title: &str, body: &str, data: &Value, script: &[&str]) -> String {
    let mut page = String::new();
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").expect("every mark of the page is closed");
        page += before;
        match name {
            "title" => page += &escape(title),
            "style" => page += STYLE,
            "body" => page += body,
            "data" => page += &embed(data),
            "script" => script.iter().for_each(|part| page += part),
            other => unreachable!("the page has no place for `{other}`"),
        }
        rest = after;
    }
    page + rest
}

/// Data inside a script element: no text in it can end the element, or begin a comment.
fn embed(data: &Value) -> String {
    data.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests;
