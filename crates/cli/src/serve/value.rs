//! Values of `zoo.cfg`: what a key expects, and what to say of anything else.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::properties::Property;

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// The line, from 1; none if something is missing.
    pub(super) line: Option<usize>,
    pub(super) why: String,
}

/// A setting whose value is wrong.
pub(super) fn wrong(property: &Property, why: &str) -> Mistake {
    let Property { line, key, value } = property;
    Mistake { line: Some(*line), why: format!("{}: `{}` {why}", shown(key), shown(value)) }
}

/// What stands in a file, in one line: an escape may have put anything there.
pub(super) fn shown(text: &str) -> String {
    let letters = text.chars();
    letters
        .map(|letter| if letter.is_control() { letter.escape_default().to_string() } else { letter.into() })
        .collect()
}

/// A whole number, counted in `unit`.
pub(super) fn whole<N>(property: &Property, unit: &str, range: RangeInclusive<N>) -> Result<N, Mistake>
where
    N: TryFrom<i128> + Into<i128> + Copy,
{
    let (least, most): (i128, i128) = ((*range.start()).into(), (*range.end()).into());
    let number = property.value.parse::<i128>().ok().filter(|number| (least..=most).contains(number));
    number
        .and_then(|number| N::try_from(number).ok())
        .ok_or_else(|| wrong(property, &format!("is no whole number of {unit} from {least} to {most}")))
}

/// Milliseconds, one at least; as many as Java's `int` holds.
pub(super) fn milliseconds(property: &Property) -> Result<Duration, Mistake> {
    whole(property, "milliseconds", 1..=i32::MAX).map(|number| Duration::from_millis(number.unsigned_abs().into()))
}

/// Milliseconds, or -1 for what follows from the tick.
pub(super) fn milliseconds_or_default(property: &Property) -> Result<Option<Duration>, Mistake> {
    if property.value == "-1" { Ok(None) } else { milliseconds(property).map(Some) }
}

/// A number of things, none at least.
pub(super) fn count(property: &Property, things: &str) -> Result<usize, Mistake> {
    whole(property, things, 0..=i32::MAX).map(|number| number.unsigned_abs() as usize)
}

/// A number of bytes, hexadecimal if it begins with `0x` (`Integer.getInteger`).
pub(super) fn bytes(property: &Property) -> Result<usize, Mistake> {
    let Some(digits) = property.value.strip_prefix("0x").or_else(|| property.value.strip_prefix("0X")) else {
        return whole(property, "bytes", 1..=i32::MAX).map(|number| number.unsigned_abs() as usize);
    };
    let number = i32::from_str_radix(digits, 16).ok().filter(|number| *number > 0);
    let number = number.ok_or_else(|| wrong(property, "is no hexadecimal number of bytes"))?;
    Ok(number.unsigned_abs() as usize)
}

/// A port that a server can be told to listen on.
pub(super) fn port(property: &Property) -> Result<u16, Mistake> {
    whole(property, "a port", 1..=u16::MAX).map_err(|_| wrong(property, "is no port from 1 to 65535"))
}

/// `true` or `false`, as Java writes them.
pub(super) fn boolean(property: &Property) -> Result<bool, Mistake> {
    match property.value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(wrong(property, "is neither `true` nor `false`")),
    }
}

/// `yes` or `no`, as ZooKeeper's oldest switches have it; anything but `yes` is `no` to it, and a mistake here.
pub(super) fn yes_or_no(property: &Property) -> Result<bool, Mistake> {
    match property.value.to_ascii_lowercase().as_str() {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(wrong(property, "is neither `yes` nor `no`")),
    }
}

/// Anything but nothing.
pub(super) fn text<'a>(property: &'a Property, what: &str) -> Result<&'a str, Mistake> {
    if property.value.is_empty() {
        return Err(Mistake { line: Some(property.line), why: format!("{}: {what} is missing", property.key) });
    }
    Ok(&property.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(value: &str) -> Property {
        Property { line: 7, key: "key".to_owned(), value: value.to_owned() }
    }

    #[test]
    fn a_number_out_of_range_is_told_with_the_range() {
        let mistake = whole(&property("300"), "ticks", 1_u8..=254).expect_err("too large");
        assert_eq!(mistake.line, Some(7));
        assert_eq!(mistake.why, "key: `300` is no whole number of ticks from 1 to 254");
        for value in ["", "-1", "2.5", "2s", "0x10", "99999999999999999999999999999999999999999"] {
            assert!(count(&property(value), "things").is_err(), "{value}");
        }
        assert_eq!(count(&property("0"), "things"), Ok(0));
    }

    #[test]
    fn minus_one_stands_for_what_follows_from_the_tick() {
        assert_eq!(milliseconds_or_default(&property("-1")), Ok(None));
        assert_eq!(milliseconds_or_default(&property("4000")), Ok(Some(Duration::from_secs(4))));
        assert!(milliseconds_or_default(&property("0")).is_err());
        assert!(milliseconds(&property("-1")).is_err());
    }

    #[test]
    fn bytes_may_be_hexadecimal() {
        assert_eq!(bytes(&property("0xfffff")), Ok(0xf_ffff));
        assert_eq!(bytes(&property("4194304")), Ok(4 << 20));
        for value in ["0x", "0x-1", "0", "0xffffffff", "4m"] {
            assert!(bytes(&property(value)).is_err(), "{value}");
        }
    }

    #[test]
    fn a_mistake_is_told_in_one_line_whatever_the_value() {
        assert_eq!(wrong(&property("a\nb\u{1b}é"), "is wrong").why, "key: `a\\nb\\u{1b}é` is wrong");
    }

    #[test]
    fn a_boolean_is_one_of_two_words() {
        assert_eq!(boolean(&property("True")), Ok(true));
        assert_eq!(boolean(&property("false")), Ok(false));
        assert!(boolean(&property("yes")).is_err());
    }
}
