//! TLS on a port for clients: rustls, with ring.
//!
//! On a real machine only: certificates are judged by the time of the real clock, and keys are drawn from the system.
//! Versions 1.2 and 1.3 with the suites that rustls takes for safe; no list of its own. Not here: lists of revoked
//! certificates, stores read anew while the server runs, TLS between servers, plain connections and TLS on one port.

mod stores;
mod subject;

use std::io;
use std::path::Path;
use std::sync::Arc;

use host::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::server::WebPkiClientVerifier;

use super::Error;
use crate::secure::{ClientCertificates, Secure};

/// A connection whose bytes are encrypted.
pub(super) type Stream = tokio_rustls::server::TlsStream<TcpStream>;

/// Whoever shakes hands.
pub(super) struct Acceptor(TlsAcceptor);

impl Acceptor {
    /// Reads the stores.
    ///
    /// # Errors
    /// A file cannot be read, or holds nothing that can be used: in one line, without a word of what it holds.
    pub(super) async fn load(secure: &Secure) -> Result<Acceptor, Error> {
        let keys = read(&secure.key_store).await?;
        let password = secure.key_password.as_ref().map(|password| &password.0[..]);
        let stores::KeyStore { chain, key } = stores::key_store(&keys, password).map_err(at(&secure.key_store))?;
        let provider = Arc::new(ring::default_provider());
        let versions = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
        let builder = versions.map_err(|error| at(&secure.key_store)(error.to_string()))?;
        let builder = match (secure.client_certificates, &secure.trust_store) {
            (ClientCertificates::Ignored, _) => builder.with_no_client_auth(),
            (_, None) => return Err(Error::Config("who asks for certificates needs a trust store")),
            (wish, Some(file)) => {
                let roots = stores::trust_store(&read(file).await?).map_err(at(file))?;
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                let verifier = match wish {
                    ClientCertificates::Needed => verifier,
                    ClientCertificates::Ignored | ClientCertificates::Wanted => verifier.allow_unauthenticated(),
                };
                builder.with_client_cert_verifier(verifier.build().map_err(|error| at(file)(error.to_string()))?)
            }
        };
        let config = builder.with_single_cert(chain, key).map_err(|error| at(&secure.key_store)(error.to_string()))?;
        Ok(Acceptor(TlsAcceptor::from(Arc::new(config))))
    }

    /// Shakes hands. Tells the subject of the certificate that the client has shown, if it has.
    ///
    /// # Errors
    /// What is wrong with the client, or with its certificate.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<(Stream, Option<String>)> {
        let stream = self.0.accept(stream).await?;
        let shown = stream.get_ref().1.peer_certificates().and_then(|certificates| certificates.first());
        // A name that nobody can read must not come to stand for nobody.
        let subject = shown.map(|certificate| subject::of(certificate)).transpose().map_err(io::Error::other)?;
        Ok((stream, subject))
    }
}

async fn read(file: &Path) -> Result<Vec<u8>, Error> {
    host::fs::read(file).await.map_err(|error| at(file)(error.to_string()))
}

fn at(file: &Path) -> impl Fn(String) -> Error {
    move |why| Error::Store { file: file.to_owned(), why }
}
