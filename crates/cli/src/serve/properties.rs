//! The syntax of Java's property files (`java.util.Properties.load`), in which `zoo.cfg` is written.
//!
//! `key=value`, `key: value` or `key value`; `#` and `!` begin a comment; a backslash at the end of a line continues it;
//! `\t`, `\n`, `\r`, `\f` and `\uXXXX` are what they are in Java, and a backslash before anything else goes. Keys are not
//! judged here, and neither are values. Unlike Java this refuses half of a letter that takes two `\uXXXX`.

use std::iter::Peekable;
use std::str::Chars;

/// One setting, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Property {
    /// The line it begins on, from 1.
    pub(super) line: usize,
    /// What is set.
    pub(super) key: String,
    /// What to, without the blanks around it: ZooKeeper cuts them off, Java leaves those behind.
    pub(super) value: String,
}

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    pub(super) line: usize,
    pub(super) why: String,
}

/// The text of a file: UTF-8, or else Latin-1, which is what Java takes it for.
pub(super) fn text(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text).to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// Reads all settings, in their order.
pub(super) fn read(text: &str) -> Result<Vec<Property>, Malformed> {
    let mut properties = Vec::new();
    for (line, logical) in logical_lines(text) {
        let mut letters = logical.chars().peekable();
        let malformed = |why: String| Malformed { line, why };
        let key = take(&mut letters, |letter| is_blank(letter) || matches!(letter, '=' | ':')).map_err(malformed)?;
        skip_blanks(&mut letters);
        if letters.next_if(|letter| matches!(letter, '=' | ':')).is_some() {
            skip_blanks(&mut letters);
        }
        let value = take(&mut letters, |_| false).map_err(malformed)?;
        properties.push(Property { line, key: trim(&key).to_owned(), value: trim(&value).to_owned() });
    }
    Ok(properties)
}

/// Without what Java's `String.trim` takes for blanks: an escape may have put them there.
fn trim(text: &str) -> &str {
    text.trim_matches(|letter| letter <= ' ')
}

/// The lines that set something, each with the number of its first natural line, its continuations joined to it.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut logical = Vec::new();
    let mut natural = (1..).zip(lines(text));
    while let Some((number, first)) = natural.next() {
        let first = first.trim_start_matches(is_blank);
        if first.is_empty() || first.starts_with(['#', '!']) {
            continue;
        }
        let mut whole = String::from(first);
        while continues(&whole) {
            whole.pop();
            // Comments do not end a continuation: they are part of it.
            let Some((_, next)) = natural.next() else { break };
            whole.push_str(next.trim_start_matches(is_blank));
        }
        // Nothing but continuations of nothing.
        if !whole.is_empty() {
            logical.push((number, whole));
        }
    }
    logical
}

/// Natural lines: they end with a line feed, a carriage return, or both.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let whole = rest?;
        let Some(end) = whole.find(['\n', '\r']) else {
            rest = None;
            return Some(whole);
        };
        let after = &whole[end..];
        rest = Some(after.strip_prefix("\r\n").unwrap_or(&after[1..]));
        Some(&whole[..end])
    })
}

/// Whether a line ends with a backslash that no other backslash takes for itself.
fn continues(line: &str) -> bool {
    line.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1
}

fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\u{c}')
}

fn skip_blanks(letters: &mut Peekable<Chars<'_>>) {
    while letters.next_if(|&letter| is_blank(letter)).is_some() {}
}

/// Takes letters up to one that ends the part, and undoes the escapes among them: an escaped letter ends nothing.
fn take(letters: &mut Peekable<Chars<'_>>, ends: impl Fn(char) -> bool) -> Result<String, String> {
    let mut taken = String::new();
    while let Some(letter) = letters.next_if(|&letter| !ends(letter)) {
        if letter != '\\' {
            taken.push(letter);
            continue;
        }
        match letters.next() {
            Some('t') => taken.push('\t'),
            Some('n') => taken.push('\n'),
            Some('r') => taken.push('\r'),
            Some('f') => taken.push('\u{c}'),
            Some('u') => taken.push(unicode(letters)?),
            Some(other) => taken.push(other),
            None => {}
        }
    }
    Ok(taken)
}

/// `\uXXXX`; a letter beyond sixteen bits is written as two of them.
fn unicode(letters: &mut Peekable<Chars<'_>>) -> Result<char, String> {
    let first = unit(letters)?;
    let mut units = vec![first];
    if (0xd800..0xdc00).contains(&first) {
        let second = (letters.next(), letters.next());
        if second != (Some('\\'), Some('u')) {
            return Err(format!("\\u{first:04x} is half a letter"));
        }
        units.push(unit(letters)?);
    }
    char::decode_utf16(units).next().and_then(Result::ok).ok_or_else(|| format!("\\u{first:04x} is half a letter"))
}

fn unit(letters: &mut Peekable<Chars<'_>>) -> Result<u16, String> {
    let digits: String = letters.by_ref().take(4).collect();
    let is_whole = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let malformed = || format!("`\\u{digits}` is no letter: four hexadecimal digits belong behind `\\u`");
    if is_whole { u16::from_str_radix(&digits, 16).map_err(|_| malformed()) } else { Err(malformed()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(text: &str) -> Vec<(usize, String, String)> {
        let properties = read(text).expect("well-formed");
        properties.into_iter().map(|property| (property.line, property.key, property.value)).collect()
    }

    fn pair(line: usize, key: &str, value: &str) -> (usize, String, String) {
        (line, key.to_owned(), value.to_owned())
    }

    #[test]
    fn all_three_separators_mean_the_same() {
        let expected = |line| pair(line, "tickTime", "2000");
        let text =
            "tickTime=2000\ntickTime: 2000\ntickTime 2000\n  tickTime \t = 2000  \ntickTime:2000\r\ntickTime=2000";
        assert_eq!(pairs(text), (1..=6).map(expected).collect::<Vec<_>>());
    }

    #[test]
    fn only_the_first_separator_separates() {
        assert_eq!(pairs("server.1=a:2888:3888;2181"), [pair(1, "server.1", "a:2888:3888;2181")]);
        assert_eq!(pairs("a = = b"), [pair(1, "a", "= b")]);
        assert_eq!(pairs(r"a\=b\ c=d"), [pair(1, "a=b c", "d")]);
        assert_eq!(pairs("alone"), [pair(1, "alone", "")]);
    }

    #[test]
    fn comments_and_empty_lines_say_nothing() {
        assert_eq!(pairs("# a=b\n\n   ! c=d\r\r\n\t#e\na=b # not a comment"), [pair(6, "a", "b # not a comment")]);
    }

    #[test]
    fn a_backslash_continues_a_line_unless_it_is_escaped() {
        assert_eq!(pairs("a=b,\\\n   c,\\\r\n\td\ne=f"), [pair(1, "a", "b,c,d"), pair(4, "e", "f")]);
        assert_eq!(pairs("a=b\\\\\nc=d"), [pair(1, "a", "b\\"), pair(2, "c", "d")]);
        assert_eq!(pairs("a=b\\\n#c"), [pair(1, "a", "b#c")]);
        assert_eq!(pairs("# a comment is not continued \\\na=b\\"), [pair(2, "a", "b")]);
        assert_eq!(pairs("\\\n\\\n\na=b"), [pair(4, "a", "b")]);
    }

    #[test]
    fn escapes_are_those_of_java() {
        // What a path of Windows becomes, unless its backslashes are doubled.
        assert_eq!(pairs(r"a=C:\data\new"), [pair(1, "a", "C:data\new")]);
        assert_eq!(pairs(r"a=C:\\data\\new"), [pair(1, "a", r"C:\data\new")]);
        assert_eq!(pairs(r"a=\u0020\tb\n"), [pair(1, "a", "b")]);
        assert_eq!(pairs(r"a=\u00e9\ud83d\ude00"), [pair(1, "a", "é😀")]);
        for half in [r"a=\u12", r"a=\uzzzz", r"a=\ud83d", r"a=\ude00", r"a=\ud83dx"] {
            let malformed = read(&format!("\n{half}")).expect_err(half);
            assert_eq!(malformed.line, 2, "{half}");
        }
    }

    #[test]
    fn what_is_not_utf8_is_latin_1() {
        assert_eq!(text(b"a=\xe9"), "a=é");
        assert_eq!(text("\u{feff}a=é".as_bytes()), "a=é");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_with_a_line_that_exists(text in "[a-z=: \\\\\r\n\t#!u0-9\u{e9}]{0,80}") {
            let count = lines(&text).count();
            match read(&text) {
                Ok(properties) => {
                    let numbers: Vec<usize> = properties.iter().map(|property| property.line).collect();
                    prop_assert!(numbers.is_sorted());
                    prop_assert!(numbers.iter().all(|&line| (1..=count).contains(&line)));
                }
                Err(malformed) => prop_assert!((1..=count).contains(&malformed.line)),
            }
        }

        #[test]
        fn plain_settings_come_back(settings in prop::collection::vec(("[a-zA-Z.0-9]{1,12}", "[a-zA-Z0-9/.,]{0,12}"), 0..8)) {
            let text: String = settings.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
            let read: Vec<(String, String)> =
                read(&text).expect("plain").into_iter().map(|property| (property.key, property.value)).collect();
            prop_assert_eq!(read, settings);
        }
    }
}
