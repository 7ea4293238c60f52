//! The keys of `zoo.cfg` about the port for TLS (`secureClientPort`, `ssl.…`), and what they come to.
//!
//! Stores are PEM files. JKS and PKCS#12 are refused: there is no reader of them here that one would trust with a key.
//! No message repeats a password.

use std::path::PathBuf;

use server::{ClientCertificates, Secure};

use super::properties::Property;
use super::server_line::host_name;
use super::value::{self, Mistake, wrong};

/// A key about TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TlsKey {
    Port,
    Address,
    KeyStore,
    KeyStoreType,
    KeyPassword,
    KeyPasswordFile,
    TrustStore,
    TrustStoreType,
    ClientAuth,
}

/// What a file says of TLS, with lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TlsLines {
    port: Option<(usize, u16)>,
    host: Option<String>,
    key_store: Option<(usize, PathBuf)>,
    key_store_is_pem: bool,
    key_password: Option<proto::Secret>,
    key_password_file: Option<PathBuf>,
    trust_store: Option<(usize, PathBuf)>,
    trust_store_is_pem: bool,
    client_certificates: ClientCertificates,
    /// The first line that says anything.
    first: Option<usize>,
}

/// The port for TLS, once its host has an address and the file with the password is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TlsPort {
    pub(super) host: Option<String>,
    pub(super) port: u16,
    pub(super) key_password_file: Option<PathBuf>,
    /// All but where it listens.
    pub(super) secure: Secure,
}

impl TlsLines {
    /// Takes one of the lines.
    pub(super) fn set(&mut self, key: TlsKey, property: &Property) -> Result<(), Mistake> {
        let line = property.line;
        self.first.get_or_insert(line);
        match key {
            TlsKey::Port => self.port = Some((line, value::port(property)?)),
            TlsKey::Address => {
                let host = host_name(value::text(property, "the address")?);
                self.host = Some(host.ok_or_else(|| wrong(property, "is no host"))?);
            }
            TlsKey::KeyStore => self.key_store = Some((line, value::text(property, "the file")?.into())),
            TlsKey::KeyStoreType => self.key_store_is_pem = is_pem(property)?,
            TlsKey::KeyPassword => {
                self.key_password = Some(proto::Secret(property.value.clone().into()));
            }
            TlsKey::KeyPasswordFile => self.key_password_file = Some(value::text(property, "the file")?.into()),
            TlsKey::TrustStore => self.trust_store = Some((line, value::text(property, "the file")?.into())),
            TlsKey::TrustStoreType => self.trust_store_is_pem = is_pem(property)?,
            TlsKey::ClientAuth => {
                self.client_certificates = match property.value.to_ascii_lowercase().as_str() {
                    "none" => ClientCertificates::Ignored,
                    "want" => ClientCertificates::Wanted,
                    "need" => ClientCertificates::Needed,
                    _ => return Err(wrong(property, "is neither `none`, `want` nor `need`")),
                };
            }
        }
        Ok(())
    }

    /// What they come to: a port for TLS, or none and, if something else was said, the line that has no effect.
    pub(super) fn finish(self) -> Result<Result<TlsPort, Option<usize>>, Mistake> {
        let Some((line, port)) = self.port else { return Ok(Err(self.first)) };
        let missing = |what: &str| Mistake { line: Some(line), why: format!("secureClientPort needs {what}") };
        let key_store = self.key_store.ok_or_else(|| missing("ssl.keyStore.location: the server's key"))?;
        let asks = self.client_certificates != ClientCertificates::Ignored;
        if asks && self.trust_store.is_none() {
            return Err(missing("ssl.trustStore.location: whose certificates are believed; or ssl.clientAuth=none"));
        }
        let key_store = of_pem("ssl.keyStore.location", key_store, self.key_store_is_pem)?;
        let trust_store =
            self.trust_store.map(|store| of_pem("ssl.trustStore.location", store, self.trust_store_is_pem));
        let secure = Secure {
            listen: (std::net::Ipv4Addr::UNSPECIFIED, port).into(),
            is_only: false,
            key_store,
            // ZooKeeper's PEM reader takes the empty password for none.
            key_password: self.key_password.filter(|password| !password.0.is_empty()),
            trust_store: trust_store.transpose()?,
            client_certificates: self.client_certificates,
        };
        Ok(Ok(TlsPort { host: self.host, port, key_password_file: self.key_password_file, secure }))
    }
}

const ONLY_PEM: &str = "stores are PEM files here (`openssl pkcs12` makes one of PKCS#12)";

fn is_pem(property: &Property) -> Result<bool, Mistake> {
    match property.value.to_ascii_uppercase().as_str() {
        "PEM" => Ok(true),
        "" => Ok(false),
        "JKS" | "PKCS12" | "BCFKS" => Err(wrong(property, &format!("cannot be had: {ONLY_PEM}"))),
        _ => Err(wrong(property, "is no kind of store that anybody knows: `PEM` is the one read here")),
    }
}

/// Without a type the name of the file tells (`KeyStoreFileType.fromPropertyValueOrFileName`).
fn of_pem(key: &str, (line, file): (usize, PathBuf), is_pem: bool) -> Result<PathBuf, Mistake> {
    let ending = file.extension().unwrap_or_default().to_ascii_lowercase();
    let is_other = ["jks", "p12", "pfx", "bcfks"].iter().any(|other| ending == *other);
    if is_other && !is_pem {
        let why = format!("{key}: {} cannot be read: {ONLY_PEM}", file.display());
        return Err(Mistake { line: Some(line), why });
    }
    Ok(file)
}
