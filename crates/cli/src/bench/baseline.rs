//! What madsim alone costs: its own TCP, without our links, clocks and log.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use madsim::net::{TcpListener, TcpStream};
use madsim::runtime::{Handle, Runtime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::Failure;

const PORT: u16 = 7000;

fn address(node: u8) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, node)), PORT)
}

/// Runs something in a plain madsim runtime on a fresh thread; gives the wall time in seconds.
fn timed<F>(body: impl FnOnce() -> F + Send + 'static) -> Result<f64, Failure>
where
    F: Future<Output = ()>,
{
    let thread = std::thread::spawn(move || {
        let runtime = Runtime::with_seed_and_config(1, madsim::Config::default());
        let started = host::now();
        runtime.block_on(body());
        (host::now() - started).as_secs_f64()
    });
    thread.join().map_err(|_| Failure::Other("the baseline panicked".to_owned()))
}

async fn echo(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        madsim::task::spawn(async move {
            let mut ping = [0u8; 16];
            while stream.read_exact(&mut ping).await.is_ok() {
                if stream.write_all(&ping).await.is_err() || stream.flush().await.is_err() {
                    break;
                }
            }
        });
    }
}

/// Seconds of wall time a message of a ping-pong between two nodes.
pub fn seconds_per_message(round_trips: u32) -> Result<f64, Failure> {
    let total = timed(move || async move {
        let handle = Handle::current();
        let server = handle.create_node().name("server").ip(address(1).ip()).build();
        let client = handle.create_node().name("client").ip(address(2).ip()).build();
        server.spawn(async {
            let listener = TcpListener::bind(address(1)).await.expect("the port is free");
            echo(listener).await;
        });
        madsim::time::sleep(Duration::from_millis(10)).await;
        let done = client.spawn(async move {
            let mut stream = TcpStream::connect(address(1)).await.expect("the server listens");
            let mut pong = [0u8; 16];
            for _ in 0..round_trips {
                stream.write_all(&[7; 16]).await.expect("the server reads");
                stream.flush().await.expect("the server reads");
                stream.read_exact(&mut pong).await.expect("the server answers");
            }
        });
        done.await.expect("the client ends");
    })?;
    Ok(total / f64::from(round_trips * 2))
}

/// Seconds of wall time of a full mesh in which each pair exchanges ten pings a second.
pub fn mesh(nodes: u8, length: Duration) -> Result<f64, Failure> {
    timed(move || async move {
        let handle = Handle::current();
        for node in 1..=nodes {
            let machine = handle.create_node().name(format!("n{node}")).ip(address(node).ip()).build();
            machine.spawn(async move {
                let listener = TcpListener::bind(address(node)).await.expect("the port is free");
                echo(listener).await;
            });
            machine.spawn(async move {
                madsim::time::sleep(Duration::from_millis(50)).await;
                for other in node + 1..=nodes {
                    madsim::task::spawn(async move {
                        let mut stream = TcpStream::connect(address(other)).await.expect("the other listens");
                        let mut pong = [0u8; 16];
                        loop {
                            stream.write_all(&[7; 16]).await.expect("the other reads");
                            stream.flush().await.expect("the other reads");
                            stream.read_exact(&mut pong).await.expect("the other answers");
                            madsim::time::sleep(Duration::from_millis(100)).await;
                        }
                    });
                }
            });
        }
        madsim::time::sleep(length).await;
    })
}
