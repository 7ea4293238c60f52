//! `interregnum serve`: the coordination service on a real port.

use interregnum::{UserError, span};
use server::{Config, Server};

use crate::arguments::Serve;
use crate::{Exit, Failure};

/// Serves until it is told to end, or fails.
pub fn serve(arguments: &Serve) -> Result<Exit, Failure> {
    interregnum::logs::init("warn");
    if arguments.ensemble != 1 {
        let why =
            format!("an ensemble of {} servers is not there yet: this version serves with one", arguments.ensemble);
        return Err(UserError::Mismatch(why).into());
    }
    let tick =
        span::parse(&arguments.tick).ok().filter(|tick| tick.as_millis() > 0).ok_or_else(|| UserError::BadValue {
            key: "--tick".into(),
            value: arguments.tick.clone(),
            expected: "unit of time",
            why: "it is written such as `2s`, and is a millisecond at least".into(),
        })?;
    let mut config = Config { listen: arguments.listen, tick, data: arguments.data.clone(), ..Config::default() };
    if let Some(words) = &arguments.four_letter_words {
        config.words = words.split(',').map(|word| word.trim().to_owned()).collect();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("no runtime can be had: {error}")))?;
    runtime.block_on(serve_until_told(config))
}

async fn serve_until_told(config: Config) -> Result<Exit, Failure> {
    // What it starts from is the user's choice: a port, a directory. What ends it later is not.
    let server = Server::bind(config).await.map_err(|error| UserError::Mismatch(error.to_string()))?;
    println!("serving on {}", server.address());
    tokio::select! {
        biased;
        _ = tokio::signal::ctrl_c() => Ok(Exit::Held),
        ended = server.run() => match ended {
            Ok(()) => Ok(Exit::Held),
            Err(error) => Err(Failure::Other(error.to_string())),
        },
    }
}
