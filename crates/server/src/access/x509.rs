//! The scheme `x509`: the subject of a certificate, as RFC 2253 writes it (`X509AuthenticationProvider.java`).

/// The attributes that may be named otherwise than by their numbers (`AVAKeyword` of Java).
const KEYWORDS: [&str; 21] = [
    "CN",
    "C",
    "L",
    "S",
    "ST",
    "O",
    "OU",
    "T",
    "IP",
    "STREET",
    "DC",
    "DNQUALIFIER",
    "DNQ",
    "SURNAME",
    "GIVENNAME",
    "INITIALS",
    "GENERATION",
    "EMAIL",
    "EMAILADDRESS",
    "UID",
    "SERIALNUMBER",
];

/// Whether a name is one, as far as Java looks (`new X500Principal(id)`): attributes with values, separated by commas,
/// semicolons or plus signs. The empty name is one, too.
pub(super) fn is_well_formed(id: &str) -> bool {
    id.is_empty() || attributes(id).is_some_and(|attributes| attributes.iter().all(|part| is_attribute(part)))
}

/// What stands between separators that are neither quoted nor escaped; nothing, if a quotation does not end.
fn attributes(id: &str) -> Option<Vec<&str>> {
    let (mut parts, mut from, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, letter) in id.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            ',' | ';' | '+' if !quoted => {
                parts.push(&id[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&id[from..]);
    (!quoted && !escaped).then_some(parts)
}

fn is_attribute(part: &str) -> bool {
    let Some((kind, value)) = part.split_once('=') else { return false };
    let kind = kind.trim().to_ascii_uppercase();
    let number = kind.strip_prefix("OID.").unwrap_or(&kind);
    let is_number = || number.contains('.') && number.split('.').all(|arc| arc.parse::<u32>().is_ok());
    (KEYWORDS.contains(&kind.as_str()) || is_number()) && value.trim().strip_prefix('#').is_none_or(is_bytes)
}

/// Whether these are the bytes of a value, in hexadecimal digits: a kind, a length, and as much as it says.
fn is_bytes(digits: &str) -> bool {
    let byte = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
    bytes.is_some_and(|bytes| bytes.len() >= 2 && (bytes[1] > 0x80 || usize::from(bytes[1]) == bytes.len() - 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_java_takes_for_names() {
        for id in [
            "CN=a",
            "CN=alice,OU=Ops+L=Here,O=Org\\, Inc.,C=DE",
            "cn = a ; dc=org",
            "CN=\"a,b\"",
            "CN=",
            "",
            "1.2.840.113549.1.9.1=#160161",
            "OID.2.5.4.3=a",
        ] {
            assert!(is_well_formed(id), "{id}");
        }
        for id in [
            "nonsense",
            "CN",
            "=a",
            "CN=a,",
            "CN=a,,O=b",
            "CN=a,b",
            "XX=a",
            "SERIAL=1",
            "title=a",
            "1=a",
            "CN=\"a",
            "CN=a\\",
            "CN=#1",
            "CN=#16",
            " ",
            ",",
        ] {
            assert!(!is_well_formed(id), "{id}");
        }
    }
}
