//! The subject of a certificate as Java writes it in RFC 2253 (`X500Principal.getName`): it is what access control lists
//! name, so each letter counts.
//!
//! The last attribute comes first. An attribute that RFC 2253 has no word for is a number with its bytes.

use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, Encode, Tag, Tagged};
use x509_cert::{Certificate, name::RelativeDistinguishedName};

/// The words of RFC 2253, and no others (`AVAKeyword`).
const WORDS: [(&str, ObjectIdentifier); 9] = [
    ("CN", ObjectIdentifier::new_unwrap("2.5.4.3")),
    ("C", ObjectIdentifier::new_unwrap("2.5.4.6")),
    ("L", ObjectIdentifier::new_unwrap("2.5.4.7")),
    ("ST", ObjectIdentifier::new_unwrap("2.5.4.8")),
    ("STREET", ObjectIdentifier::new_unwrap("2.5.4.9")),
    ("O", ObjectIdentifier::new_unwrap("2.5.4.10")),
    ("OU", ObjectIdentifier::new_unwrap("2.5.4.11")),
    ("DC", ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.25")),
    ("UID", ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1")),
];

/// What has a meaning in a name.
const SPECIAL: &str = ",=+<>#;\"\\";

/// The subject of a certificate.
///
/// # Errors
/// It is none that can be read.
pub(super) fn of(certificate: &[u8]) -> Result<String, x509_cert::der::Error> {
    let certificate = Certificate::from_der(certificate)?;
    let mut parts = Vec::new();
    for part in certificate.tbs_certificate().subject().iter_rdn() {
        parts.push(shown(part)?);
    }
    parts.reverse();
    Ok(parts.join(","))
}

fn shown(part: &RelativeDistinguishedName) -> Result<String, x509_cert::der::Error> {
    let attributes: Result<Vec<String>, _> = part.iter().map(attribute).collect();
    Ok(attributes?.join("+"))
}

fn attribute(attribute: &AttributeTypeAndValue) -> Result<String, x509_cert::der::Error> {
    let word = WORDS.iter().find(|(_, number)| *number == attribute.oid).map(|(word, _)| *word);
    match (word, text(attribute)) {
        (Some(word), Some(text)) => Ok(format!("{word}={}", escaped(&text))),
        (word, _) => {
            let bytes: String = attribute.value.to_der()?.iter().map(|byte| format!("{byte:02x}")).collect();
            let kind = word.map_or_else(|| attribute.oid.to_string(), str::to_owned);
            Ok(format!("{kind}=#{bytes}"))
        }
    }
}

/// The value, if it is a text.
fn text(attribute: &AttributeTypeAndValue) -> Option<String> {
    let bytes = attribute.value.value();
    match attribute.value.tag() {
        Tag::Utf8String => Some(String::from_utf8_lossy(bytes).into_owned()),
        // Java takes the first two for ASCII, and the third for Latin 1.
        Tag::PrintableString | Tag::Ia5String | Tag::TeletexString => {
            Some(bytes.iter().map(|byte| char::from(*byte)).collect())
        }
        Tag::BmpString => {
            let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            Some(String::from_utf16_lossy(&units))
        }
        _ => None,
    }
}

/// Java escapes what has a meaning wherever it stands, and blanks at either end.
fn escaped(text: &str) -> String {
    let is_blank = |letter: char| letter == ' ' || letter == '\r';
    let inner_from = text.len() - text.trim_start_matches(is_blank).len();
    let inner_to = text.trim_end_matches(is_blank).len();
    let mut escaped = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        if letter == '\0' {
            escaped.push_str("\\00");
            continue;
        }
        if SPECIAL.contains(letter) || at < inner_from || at >= inner_to {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DistinguishedName, DnType, DnValue, KeyPair};

    use super::*;

    /// The subject of a certificate made with these attributes, in this order.
    fn subject(attributes: &[(DnType, DnValue)]) -> String {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.distinguished_name = DistinguishedName::new();
        for (kind, value) in attributes {
            params.distinguished_name.push(kind.clone(), value.clone());
        }
        let key = KeyPair::generate().expect("a key");
        of(params.self_signed(&key).expect("a certificate").der()).expect("a subject")
    }

    fn utf8(text: &str) -> DnValue {
        DnValue::Utf8String(text.to_owned())
    }

    #[test]
    fn the_last_comes_first() {
        let country = DnValue::PrintableString("DE".try_into().expect("printable"));
        let name = [
            (DnType::CountryName, country),
            (DnType::OrganizationName, utf8("Org")),
            (DnType::CommonName, utf8("alice")),
        ];
        assert_eq!(subject(&name), "CN=alice,O=Org,C=DE");
        assert_eq!(subject(&[]), "");
    }

    #[test]
    fn what_has_a_meaning_is_escaped() {
        assert_eq!(subject(&[(DnType::OrganizationName, utf8("Org, Inc. = #1"))]), "O=Org\\, Inc. \\= \\#1");
        assert_eq!(subject(&[(DnType::CommonName, utf8("  müller "))]), "CN=\\ \\ müller\\ ");
        assert_eq!(escaped("a\"b\\c\0"), "a\\\"b\\\\c\\00");
    }

    #[test]
    fn what_has_no_word_is_a_number_with_its_bytes() {
        let email = DnType::CustomDnType(vec![1, 2, 840, 113_549, 1, 9, 1]);
        let value = DnValue::Ia5String("a@b".try_into().expect("ASCII"));
        assert_eq!(subject(&[(email, value)]), "1.2.840.113549.1.9.1=#1603614062");
    }

    #[test]
    fn what_is_no_certificate_has_no_subject() {
        assert!(of(b"nonsense").is_err());
    }
}
