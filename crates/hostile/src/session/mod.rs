//! Clients that say anything, to a server alone or to two of an ensemble.
//!
//! The input is read as a script: connections are opened and closed, frames sent on them, time passes, transactions
//! become safe. Frames are any bytes, or well-formed requests about few znodes, or such with a byte changed: noise alone
//! would hardly get beyond a handshake.
//!
//! Whatever clients do, no server panics, each is answered only what it asked, in whole frames, and nothing after its
//! connection is closed. In the end, when all is committed, nobody waits; the tree is sound, all replicas are equal, and
//! so are a snapshot and a replay of all transactions.

mod client;
mod requests;
mod world;

use std::time::Duration;

use crate::choices::Choices;
use client::Client;
use world::World;

/// So many connections are used at a time.
const CLIENTS: usize = 4;

/// Longer scripts show nothing that shorter ones do not, and make the fuzzer slow.
const STEPS: usize = 400;

/// Checks a script.
///
/// # Panics
/// If something does not hold.
pub fn check_session(input: &[u8]) {
    let mut choices = Choices::new(input);
    let mut world = World::choose(&mut choices);
    let mut clients: [Client; CLIENTS] = std::array::from_fn(|place| Client::open(&mut world, place));
    for _ in 0..STEPS {
        if choices.is_over() {
            break;
        }
        step(&mut world, &mut clients, &mut choices);
        for client in &mut clients {
            client.read(&mut world);
        }
    }
    world.settle();
    for client in &mut clients {
        client.read(&mut world);
    }
    world.assert_sound();
}

fn step(world: &mut World, clients: &mut [Client; CLIENTS], choices: &mut Choices<'_>) {
    let byte = choices.byte();
    let place = usize::from(byte) % CLIENTS;
    match byte / 16 {
        0 => {
            clients[place].close(world);
            clients[place] = Client::open(world, usize::from(choices.byte()));
        }
        1 => clients[place].send(world, choices.bytes()),
        2 | 3 => {
            let sessions = clients.each_ref().map(Client::session);
            let frame = requests::handshake(choices, &sessions);
            clients[place].send(world, &frame);
        }
        4..=10 => {
            let frame = requests::request(choices);
            clients[place].send(world, &frame);
        }
        11 => {
            let mut frame = requests::request(choices);
            let at = choices.place(frame.len());
            frame[at] = choices.byte();
            if choices.flag() {
                frame.truncate(choices.place(frame.len() + 1));
            }
            clients[place].send(world, &frame);
        }
        12 => world.commit(usize::from(choices.byte())),
        13 => world.pass(Duration::from_millis(u64::from(choices.byte()) * 100)),
        14 => world.say_word(usize::from(choices.byte())),
        _ => {
            world.exchange();
        }
    }
}
