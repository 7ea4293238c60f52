//! One of the two services under load: made ready before it is measured, and anew after it has broken off.
//!
//! With many requests under way, Apache ZooKeeper 3.8.0 now and then stops reading from a client: its requests, be it the
//! end of its session alone, stay without an answer, and the connection is closed once the session has expired. So what
//! Apache ZooKeeper breaks off is told and measured again, on servers started anew, a few times at most. What this
//! project's service breaks off is a failure.

use std::net::SocketAddr;
use std::time::Duration;

use proto::{ErrorCode, Request};

use super::MOST_CLIENTS;
use super::load::{self, Load};
use super::requests::{self, Operation};
use super::service::{Product, Service, Setting};
use super::session::Session;
use crate::Failure;

/// How often Apache ZooKeeper is measured at most, where it breaks off.
const ATTEMPTS: usize = 3;
/// The load before resident memory is read: so many clients do so many of each operation.
const MEMORY_CLIENTS: usize = 8;
const MEMORY_OPERATIONS: i32 = 2_500;

/// A service that is measured again and again.
pub(super) struct Side {
    product: Product,
    setting: Setting,
    warm_up: Duration,
    /// None once it has broken off.
    ready: Option<Ready>,
}

/// Servers that are warm, the leader first.
struct Ready {
    service: Service,
    servers: Vec<SocketAddr>,
}

impl Side {
    /// Starts a service and warms it up.
    pub(super) async fn start(product: Product, setting: Setting, warm_up: Duration) -> Result<Side, Failure> {
        let mut side = Side { product, setting, warm_up, ready: None };
        side.ready = Some(persist(product, async || side.become_ready().await).await?);
        Ok(side)
    }

    /// Applies a load; gives the operations a second.
    pub(super) async fn rate(&mut self, load: Load) -> Result<f64, Failure> {
        persist(self.product, async || {
            let ready = match self.ready.take() {
                Some(ready) => ready,
                None => self.become_ready().await?,
            };
            let rate = ready.apply(load).await?;
            // Only those that have not broken off are asked again.
            self.ready = Some(ready);
            Ok(rate)
        })
        .await
    }

    async fn become_ready(&self) -> Result<Ready, Failure> {
        let mut service = Service::start(self.product, self.setting).await?;
        let servers = serving(&mut service).await?;
        let ready = Ready { service, servers };
        for operation in Operation::ALL {
            ready.apply(Load { operation, clients: MOST_CLIENTS, length: self.warm_up }).await?;
        }
        Ok(ready)
    }
}

impl Ready {
    async fn apply(&self, load: Load) -> Result<f64, Failure> {
        load::apply(load, &self.servers).await.map_err(|failure| self.service.blame(&failure))
    }
}

/// Starts a service on an empty directory; gives the milliseconds to its first answer and, if that is asked for, how many
/// MiB it holds after some load.
pub(super) async fn start_and_memory(
    product: Product,
    setting: Setting,
    with_memory: bool,
) -> Result<(f64, Option<f64>), Failure> {
    persist(product, async || {
        let mut service = Service::start(product, setting).await?;
        let start = service.start.as_secs_f64() * 1_000.0;
        if !with_memory {
            return Ok((start, None));
        }
        let servers = serving(&mut service).await?;
        for operation in Operation::ALL {
            let load = load::apply_fixed(operation, MEMORY_CLIENTS, MEMORY_OPERATIONS, &servers);
            load.await.map_err(|failure| service.blame(&failure))?;
        }
        Ok((start, Some(service.resident_mebibytes()?)))
    })
    .await
}

/// Measures, and again if Apache ZooKeeper broke off.
async fn persist<T>(product: Product, mut measure: impl AsyncFnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    for _ in 1..ATTEMPTS {
        match measure().await {
            Err(failure) if product == Product::Apache => {
                eprintln!("interregnum: {failure}: it is started and measured anew");
            }
            outcome => return outcome,
        }
    }
    measure().await
}

/// Waits until all servers serve, and makes the znodes that the load is about; gives the addresses, the leader's first.
async fn serving(service: &mut Service) -> Result<Vec<SocketAddr>, Failure> {
    let servers = service.servers().await.map_err(|failure| service.blame(&failure))?;
    make_znodes(servers[0]).await.map_err(|why| service.blame(&Failure::Other(why)))?;
    Ok(servers)
}

async fn make_znodes(server: SocketAddr) -> Result<(), String> {
    let mut session = Session::open(server).await?;
    let clients = (0..MOST_CLIENTS).map(requests::own_znode);
    for path in std::iter::once(requests::ROOT.to_owned()).chain(clients) {
        let request: Request = requests::creation(path);
        match session.ask(&request).await? {
            Ok(()) | Err(ErrorCode::NodeExists) => {}
            Err(error) => return Err(format!("a znode could not be created: {error:?}")),
        }
    }
    session.close().await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which attempt was the first that did not fail, of a product that breaks off so many times; none, if it was given up.
    async fn first_good(product: Product, broken_off: usize) -> Option<usize> {
        let mut attempts = 0;
        let measured = persist(product, async || {
            attempts += 1;
            if attempts <= broken_off { Err(Failure::Other("broken off".to_owned())) } else { Ok(attempts) }
        });
        measured.await.ok()
    }

    #[tokio::test]
    async fn only_the_other_product_may_break_off_and_not_for_ever() {
        for (broken_off, apache) in [(0, Some(1)), (1, Some(2)), (2, Some(3)), (3, None)] {
            assert_eq!(first_good(Product::Apache, broken_off).await, apache, "broken off {broken_off} times");
        }
        assert_eq!(first_good(Product::Ours, 0).await, Some(1));
        assert_eq!(first_good(Product::Ours, 1).await, None);
    }
}
