//! The election: ephemeral sequential znodes, the first one leads.

use interregnum::client::{Client, CreateMode, Created, Error, ErrorCode};

const ROOT: &str = "/schedulers";

/// Waits until this session's znode is the first. Gives its creation zxid: the fencing token.
pub async fn elected(client: &Client) -> Result<i64, Error> {
    match client.create(ROOT, "", CreateMode::Persistent).await {
        Ok(_) | Err(Error::Service(ErrorCode::NodeExists)) => {}
        Err(error) => return Err(error),
    }
    let Created { path, stat } = client.create(&format!("{ROOT}/n-"), "", CreateMode::EphemeralSequential).await?;
    let mine = path.rsplit('/').next().expect("a path has a name");
    loop {
        let (mut names, _) = client.get_children(ROOT).await?;
        names.sort();
        let Some(place) = names.iter().position(|name| name == mine) else {
            return Err(Error::Service(ErrorCode::NoNode));
        };
        let Some(before) = place.checked_sub(1).map(|before| &names[before]) else {
            return Ok(stat.czxid.0);
        };
        let (there, gone) = client.exists_and_watch(&format!("{ROOT}/{before}")).await?;
        // Whatever happened to it, or to the session: the next look tells.
        if there.is_some() && gone.await.is_err() {
            return Err(Error::SessionExpired { sent: false });
        }
    }
}
