//! One body on both machines: the simulated disk answers as the real one does.
#![cfg(madsim)]

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use history::{Keep, Log};
use interregnum_host as host;

use host::fs::{self, File};
use host::sim::{Options, simulate};

/// Uses a file system below `root` and writes down what it sees.
async fn body(root: &Path) -> String {
    let mut seen = String::new();
    let at = |name: &str| root.join(name);
    let mut note = |what: &str, outcome: String| writeln!(seen, "{what}: {outcome}").expect("a string takes all");

    note("make directories", kind(fs::create_directory(&at("data/version-2")).await));
    note("make them again", kind(fs::create_directory(&at("data/version-2")).await));
    let mut log = File::create(&at("data/log")).await.expect("it is new");
    note("append", kind(log.append(b"one").await));
    note("append more", kind(log.append(b", two").await));
    note("sync", kind(log.sync().await));
    note("sync the directory", kind(fs::sync_directory(&at("data")).await));
    note("length", format!("{:?}", log.length().await.ok()));
    note("read", format!("{:?}", fs::read(&at("data/log")).await.ok()));
    note("read by another way", format!("{:?}", fs::read(&at("data/./version-2/../log")).await.ok()));

    note("truncate", kind(log.truncate(4).await));
    note("truncate to more", kind(log.truncate(400).await));
    note("append after that", kind(log.append(b"!").await));
    note("read what is left", format!("{:?}", fs::read(&at("data/log")).await.ok()));

    let mut again = File::open(&at("data/log")).await.expect("it is there");
    note("append by another handle", kind(again.append(b"?").await));
    note("length by the first", format!("{:?}", log.length().await.ok()));

    drop(File::create(&at("data/old")).await.expect("it is new"));
    note("rename", kind(fs::rename(&at("data/log"), &at("data/old")).await));
    note("list", format!("{:?}", fs::list(&at("data")).await.ok()));
    note("append to the renamed", kind(log.append(b".").await));
    note("read the renamed", format!("{:?}", fs::read(&at("data/old")).await.ok()));
    note("rename to itself", kind(fs::rename(&at("data/old"), &at("data/old")).await));
    note("remove", kind(fs::remove(&at("data/old")).await));
    note("append to the removed", kind(log.append(b"-").await));
    note("length of the removed", format!("{:?}", log.length().await.ok()));
    note("list without it", format!("{:?}", fs::list(&at("data")).await.ok()));

    let (whole, unfinished) = (at("data/whole"), at("data/unfinished"));
    note("write a whole file", kind(fs::write_whole(&whole, &unfinished, b"all").await));
    note("write it anew", kind(fs::write_whole(&whole, &unfinished, b"all of it").await));
    note("read the whole file", format!("{:?}", fs::read(&whole).await.ok()));
    note("list it alone", format!("{:?}", fs::list(&at("data")).await.ok()));
    let mut unfinished_file = File::create(&unfinished).await.expect("it is gone");
    note("append and sync", kind(unfinished_file.append_synced(b"one").await));
    note("append and sync more", kind(unfinished_file.append_synced(b", two").await));
    note("read what is synced", format!("{:?}", fs::read(&unfinished).await.ok()));
    note("write over an unfinished file", kind(fs::write_whole(&whole, &unfinished, b"none").await));
    note("write a whole file nowhere", kind(fs::write_whole(&at("none/a"), &at("none/b"), b"none").await));
    note("the whole file is as before", format!("{:?}", fs::read(&whole).await.ok()));

    drop(File::create(&at("file")).await.expect("it is new"));
    note("create what is there", kind(File::create(&at("file")).await));
    note("create what is a directory", kind(File::create(&at("data")).await));
    note("create nowhere", kind(File::create(&at("none/file")).await));
    note("create in a file", kind(File::create(&at("file/file")).await));
    note("open nothing", kind(File::open(&at("none")).await));
    note("open a directory", kind(File::open(&at("data")).await));
    note("read nothing", kind(fs::read(&at("none")).await));
    note("read a directory", kind(fs::read(&at("data")).await));
    note("list nothing", kind(fs::list(&at("none")).await));
    note("list a file", kind(fs::list(&at("file")).await));
    note("make a directory of a file", kind(fs::create_directory(&at("file")).await));
    note("make a directory in a file", kind(fs::create_directory(&at("file/data")).await));
    note("rename nothing", kind(fs::rename(&at("none"), &at("other")).await));
    note("rename to nowhere", kind(fs::rename(&at("file"), &at("none/file")).await));
    note("rename to a directory", kind(fs::rename(&at("file"), &at("data")).await));
    note("remove nothing", kind(fs::remove(&at("none")).await));
    note("remove a directory", kind(fs::remove(&at("data")).await));
    note("sync no directory", kind(fs::sync_directory(&at("none")).await));
    note("sync a file as a directory", kind(fs::sync_directory(&at("file")).await));
    seen
}

fn kind<T>(outcome: io::Result<T>) -> String {
    outcome.map_or_else(|error| format!("{:?}", error.kind()), |_| "done".to_owned())
}

#[test]
fn the_simulated_disk_answers_as_the_real_one() {
    let directory = tempfile::tempdir().expect("there is room for temporary files");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be had");
    let real = runtime.block_on(body(directory.path()));

    let options = Options { seed: 1, scheduler_seed: 1, log: Log::new(Keep::Nothing) };
    let simulated = simulate(options, |world| async move {
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        world.add_node("node", move || {
            let sender = sender.clone();
            async move { sender.send(body(Path::new("/")).await).expect("the test listens") }
        });
        receiver.recv().await.expect("the process ends")
    })
    .expect("the run holds");

    assert!(real.contains("read the renamed: Some"), "the body did its work:\n{real}");
    for (real, simulated) in real.lines().zip(simulated.lines()) {
        assert_eq!(simulated, real);
    }
    assert_eq!(simulated.lines().count(), real.lines().count());
}
