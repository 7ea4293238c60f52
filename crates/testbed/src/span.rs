//! Lengths of time as people write them: `250ms`, `12.5s`, `5m`, `1h`, `2d`.

use std::time::Duration;

/// Units, the largest first, in nanoseconds.
const UNITS: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Reads a length of time.
///
/// # Errors
/// What is wrong, in words: no number, no unit, or beyond what a run can hold.
pub fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let unit_at =
        text.find(|letter: char| letter.is_ascii_alphabetic()).ok_or("it has no unit, such as `s` or `ms`")?;
    let (number, unit) = text.split_at(unit_at);
    let (_, nanoseconds) =
        UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(|| format!("`{unit}` is no unit of time"))?;
    let (whole, fraction) = number.trim().split_once('.').unwrap_or((number.trim(), ""));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || (!fraction.is_empty() && !digits(fraction)) || number.trim().ends_with('.') {
        return Err(format!("`{number}` is no number"));
    }
    let too_long = || "it is too long".to_owned();
    let mut total = whole.parse::<u64>().map_err(|_| too_long())?.checked_mul(*nanoseconds).ok_or_else(too_long)?;
    let mut place = *nanoseconds;
    for digit in fraction.bytes() {
        place /= 10;
        total = total.checked_add(u64::from(digit - b'0') * place).ok_or_else(too_long)?;
    }
    Ok(Duration::from_nanos(total))
}

/// Writes a length of time so that [`parse`] reads the same one, in the largest unit that keeps it short.
pub fn show(duration: Duration) -> String {
    let total = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    if total == 0 {
        return "0s".to_owned();
    }
    // Whole minutes and more read better without a fraction; below that seconds and milliseconds carry one.
    for (name, unit) in UNITS {
        let fraction_allowed = matches!(name, "s" | "ms" | "us");
        if total >= unit && (total % unit == 0 || fraction_allowed) {
            let fraction = format!("{:0width$}", total % unit, width = unit.ilog10() as usize);
            let fraction = fraction.trim_end_matches('0');
            return match fraction {
                "" => format!("{}{name}", total / unit),
                _ => format!("{}.{fraction}{name}", total / unit),
            };
        }
    }
    format!("{total}ns")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_people_write() {
        assert_eq!(parse("12.5s"), Ok(Duration::from_millis(12_500)));
        assert_eq!(parse("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(parse(" 250ms "), Ok(Duration::from_millis(250)));
        assert_eq!(parse("1d"), Ok(Duration::from_secs(86_400)));
    }

    #[test]
    fn refuses_what_is_none() {
        for text in ["", "5", "s", "-1s", "1.s", "1 fortnight", "1e3s", "99999999999999999999s", "1..2s"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn writes_the_short_form() {
        assert_eq!(show(Duration::from_millis(12_500)), "12.5s");
        assert_eq!(show(Duration::from_secs(300)), "5m");
        assert_eq!(show(Duration::from_micros(1)), "1us");
        assert_eq!(show(Duration::ZERO), "0s");
    }

    proptest! {
        #[test]
        fn round_trips(nanoseconds in 0u64..1_000_000_000_000_000) {
            let duration = Duration::from_nanos(nanoseconds);
            prop_assert_eq!(parse(&show(duration)), Ok(duration));
        }
    }
}
