//! `zoo.cfg`: the settings of a server.

use interregnum_cli::fuzzing::{Reading, read_zoo_cfg};

/// What is missing stands in no line.
const WITHOUT_LINE: &str = "dataDir is missing";

/// Checks a file.
///
/// # Panics
/// If something does not hold.
pub fn check_zoo_cfg(input: &[u8]) {
    // Lines as Java counts them: one more than there are ends of lines, at most.
    let lines = 1 + input.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
    let reading = read_zoo_cfg(input);
    assert_eq!(read_zoo_cfg(input), reading, "a file is read the same way each time");
    match reading {
        Reading::Settings(remarks) => {
            for (line, remark) in remarks {
                assert_line(line, lines, &remark);
            }
        }
        Reading::Mistake(Some(line), why) => assert_line(line, lines, &why),
        Reading::Mistake(None, why) => assert!(why.starts_with(WITHOUT_LINE), "no line for: {why:?}"),
    }
}

fn assert_line(line: usize, lines: usize, text: &str) {
    assert!((1..=lines).contains(&line), "line {line} of {lines}: {text:?}");
    assert!(!text.is_empty() && !text.contains(char::is_control), "what is told is one line of text: {text:?}");
}
