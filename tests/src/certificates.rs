//! Certificates for tests, made anew in each: an authority, and those it vouches for.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};

/// An authority, and the directory that its files are in.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: PathBuf,
}

/// A key with the certificates that vouch for it, in PEM.
pub struct Identity {
    /// The certificate, and that of the authority.
    pub chain: String,
    /// The key.
    pub key: KeyPair,
}

impl Authority {
    /// A new one, with its files in this directory.
    ///
    /// # Panics
    /// If it cannot be made.
    #[must_use]
    pub fn new(directory: &Path) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).expect("no names are well-formed");
        params.distinguished_name = name("the authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, new_key()).expect("an authority can be made");
        Authority { issuer, directory: directory.to_owned() }
    }

    /// Its own certificate, as a file.
    ///
    /// # Panics
    /// If it cannot be written.
    #[must_use]
    pub fn trust_store(&self) -> PathBuf {
        self.write("trusted.pem", &self.issuer.pem())
    }

    /// Vouches for somebody: `CN=…,O=Org`. Everybody is a client, and a server at the loopback.
    ///
    /// # Panics
    /// If the certificate cannot be made.
    #[must_use]
    pub fn vouch_for(&self, common_name: &str) -> Identity {
        let hosts = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(hosts).expect("the names are well-formed");
        params.distinguished_name = name(common_name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = new_key();
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate can be made");
        Identity { chain: certificate.pem() + &self.issuer.pem(), key }
    }

    /// Writes a file beside the others.
    ///
    /// # Panics
    /// If it cannot be written.
    #[must_use]
    pub fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.directory.join(name);
        fs::write(&path, content).expect("the file can be written");
        path
    }
}

impl Identity {
    /// Key and certificates in one file, as a server wants them.
    #[must_use]
    pub fn store(&self) -> String {
        self.chain.clone() + &self.key.serialize_pem()
    }

    /// The same, with the key encrypted.
    ///
    /// # Panics
    /// If it cannot be encrypted.
    #[must_use]
    pub fn encrypted_store(&self, password: &str) -> String {
        let key = self.key.serialize_der();
        let info = pkcs8::PrivateKeyInfoRef::try_from(&key[..]).expect("a key is a key");
        let encrypted = info.encrypt(password).expect("a key can be encrypted");
        let pem = encrypted.to_pem("ENCRYPTED PRIVATE KEY", pkcs8::LineEnding::LF).expect("it can be written");
        self.chain.clone() + &pem
    }
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("a key can be drawn")
}

fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "Org");
    name.push(DnType::CommonName, common_name);
    name
}
