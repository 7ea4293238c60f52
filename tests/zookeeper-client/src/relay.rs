//! A port that leads to a server for as long as a test wants it to.

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The relay. It ends with this.
#[derive(Debug)]
pub struct Relay {
    pub address: String,
    is_cut: watch::Sender<bool>,
}

impl Relay {
    pub async fn to(server: &str) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = listener.local_addr().expect("it listens").to_string();
        let (is_cut, state) = watch::channel(false);
        tokio::spawn(serve(listener, server.to_owned(), state));
        Relay { address, is_cut }
    }

    /// Ends every connection, and new ones at once, until it is mended.
    pub fn cut(&self) {
        self.is_cut.send_replace(true);
    }

    pub fn mend(&self) {
        self.is_cut.send_replace(false);
    }
}

async fn serve(listener: TcpListener, server: String, state: watch::Receiver<bool>) {
    let mut end = state.clone();
    loop {
        tokio::select! {
            // Nobody holds the relay any more.
            gone = end.changed() => if gone.is_err() { return },
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { return };
                tokio::spawn(pour(client, server.clone(), state.clone()));
            }
        }
    }
}

async fn pour(mut client: TcpStream, server: String, mut state: watch::Receiver<bool>) {
    if *state.borrow_and_update() {
        return;
    }
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    tokio::select! {
        _ = state.changed() => {}
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
    }
}
