//! What must never be written down: secrets, in every form in which a program might show them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// Things that nobody may read in a log.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// What each is, and what it would look like.
    forms: Vec<(String, String)>,
}

impl Secrets {
    /// One more: any bytes, as they are, and as hexadecimal, decimal and base64 show them.
    ///
    /// # Panics
    /// If it is too short to be told from anything else.
    pub fn add(&mut self, what: &str, secret: &[u8]) {
        assert!(secret.len() >= 6, "{what} is too short");
        let numbers = |numbers: Vec<String>| numbers.join(", ");
        let hexadecimal: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let encoded = STANDARD_NO_PAD.encode(secret);
        // In the midst of other bytes only what fills whole groups of three looks the same; it does at one place of three.
        let shifted = [1, 2].map(|skipped| {
            let whole = &secret[skipped..];
            STANDARD_NO_PAD.encode(&whole[..whole.len() / 3 * 3])
        });
        let forms = [
            String::from_utf8_lossy(secret).into_owned(),
            secret.escape_ascii().to_string(),
            hexadecimal.to_uppercase(),
            numbers(secret.iter().map(u8::to_string).collect()),
            numbers(secret.iter().map(|byte| byte.cast_signed().to_string()).collect()),
            numbers(secret.iter().map(|byte| format!("{byte:#x}")).collect()),
            hexadecimal,
            encoded,
        ];
        for form in forms.into_iter().chain(shifted) {
            if !self.forms.iter().any(|(_, known)| *known == form) {
                self.forms.push((what.to_owned(), form));
            }
        }
    }

    /// A digest, as ZooKeeper writes it: the text, and the bytes that it stands for.
    ///
    /// # Panics
    /// If it is no base64.
    pub fn add_digest(&mut self, what: &str, digest: &str) {
        self.add(what, digest.as_bytes());
        self.add(what, &STANDARD.decode(digest).expect("a digest is base64"));
    }

    /// One that may be read after all.
    pub fn forget(&mut self, what: &str) {
        self.forms.retain(|(known, _)| known != what);
    }

    /// Which of them stand in a text, with the lines.
    #[must_use]
    pub fn found_in(&self, text: &str) -> Vec<String> {
        let lines = text.lines().flat_map(|line| self.forms.iter().map(move |(what, form)| (line, what, form)));
        lines
            .filter(|(line, _, form)| line.contains(form.as_str()))
            .map(|(line, what, _)| format!("{what}: {line}"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_whatever_form() {
        let secret = b"s3cret\xff\x01";
        let mut secrets = Secrets::default();
        secrets.add("it", secret);
        for shown in [
            format!("{:?}", bytes::Bytes::from_static(secret)),
            format!("{secret:?}"),
            format!("{:02x}", bytes::Bytes::from_static(secret)),
            format!("{:02X}", bytes::Bytes::from_static(secret)),
            STANDARD.encode(secret),
            STANDARD.encode(b"in the midst: s3cret\xff\x01 of others"),
            STANDARD.encode(b"in the midst. s3cret\xff\x01 of others"),
            STANDARD.encode(b"in the midst s3cret\xff\x01 of others"),
        ] {
            assert_eq!(secrets.found_in(&format!("one\n{shown}\nthree")).len().min(1), 1, "{shown}");
        }
        assert!(secrets.found_in("s3cre t, in parts").is_empty());
    }
}
