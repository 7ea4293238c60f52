//! Key stores and trust stores: PEM files, as `PemReader` reads them.
//!
//! Refused: JKS, PKCS#12 and BCFKS. What is wrong is told without what the files hold.

use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::SecretDocument;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

const BEGINS: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const ENDS: &str = "-----END ENCRYPTED PRIVATE KEY-----";

/// A key, and the certificates that vouch for it, its own first.
#[derive(Debug)]
pub(super) struct KeyStore {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

/// Reads a key with its certificates.
pub(super) fn key_store(bytes: &[u8], password: Option<&[u8]>) -> Result<KeyStore, String> {
    let chain = certificates(bytes)?;
    let text = String::from_utf8_lossy(bytes);
    let key = match encrypted(&text) {
        Some(block) => decrypted(block, password)?,
        None => PrivateKeyDer::from_pem_slice(bytes).map_err(|_| "there is no key in it".to_owned())?,
    };
    Ok(KeyStore { chain, key })
}

/// Reads the certificates of those who are believed.
pub(super) fn trust_store(bytes: &[u8]) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(bytes)? {
        roots.add(certificate).map_err(|error| format!("a certificate in it cannot be used: {error}"))?;
    }
    Ok(roots)
}

fn certificates(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let found = CertificateDer::pem_slice_iter(bytes).collect::<Result<Vec<_>, _>>();
    let found = found.map_err(|_| "it is no well-formed PEM file".to_owned())?;
    if found.is_empty() {
        return Err("there is no certificate in it: a PEM file is needed".to_owned());
    }
    Ok(found)
}

/// The part of a file that is an encrypted key, if there is one.
fn encrypted(text: &str) -> Option<&str> {
    let from = text.find(BEGINS)?;
    let length = text[from..].find(ENDS)? + ENDS.len();
    Some(&text[from..from + length])
}

fn decrypted(block: &str, password: Option<&[u8]>) -> Result<PrivateKeyDer<'static>, String> {
    let password = password.ok_or("the key in it is encrypted, and there is no password for it")?;
    let malformed = "the encrypted key in it is malformed";
    let (_, document) = SecretDocument::from_pem(block).map_err(|_| malformed)?;
    let key = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|_| malformed)?;
    let key = key.decrypt(password).map_err(|_| "the password does not open the key in it".to_owned())?;
    Ok(PrivateKeyDer::Pkcs8(key.as_bytes().to_vec().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with `openssl genpkey -algorithm ed25519 | openssl pkcs8 -topk8 -passout pass:secret`; guards nothing.
    const ENCRYPTED_KEY: &str = include_str!("encrypted_key.pem");

    fn pair() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn a_key_and_its_certificates_are_found_in_either_order() {
        let (certificate, key) = pair();
        for text in [format!("{certificate}{key}"), format!("{key}\n{certificate}")] {
            let store = key_store(text.as_bytes(), None).expect("a store");
            assert_eq!(store.chain.len(), 1);
            assert!(key_store(text.as_bytes(), Some(b"needless")).is_ok(), "what needs no password does not mind one");
        }
        assert_eq!(trust_store(certificate.as_bytes()).expect("a store").len(), 1);
    }

    #[test]
    fn an_encrypted_key_needs_its_password() {
        let text = format!("{}{ENCRYPTED_KEY}", pair().0);
        assert!(matches!(key_store(text.as_bytes(), Some(b"secret")).expect("a key").key, PrivateKeyDer::Pkcs8(_)));
        let why = |password| key_store(text.as_bytes(), password).expect_err("no key");
        assert_eq!(why(None), "the key in it is encrypted, and there is no password for it");
        assert_eq!(why(Some(b"wrong")), "the password does not open the key in it");
    }

    #[test]
    fn what_is_no_store_is_told_without_what_it_holds() {
        let (certificate, key) = pair();
        let broken = format!("{certificate}-----BEGIN ENCRYPTED PRIVATE KEY-----\nc2VjcmV0\n{ENDS}\n");
        for (bytes, part) in [
            (b"\xfe\xed\xfe\xed".as_slice(), "no certificate"),
            (b"", "no certificate"),
            (key.as_bytes(), "no certificate"),
            (certificate.as_bytes(), "no key"),
            (broken.as_bytes(), "malformed"),
        ] {
            let why = key_store(bytes, Some(b"secret")).expect_err("no store");
            assert!(why.contains(part) && !why.contains("c2VjcmV0"), "{why}");
        }
        assert!(trust_store(key.as_bytes()).is_err());
    }
}
