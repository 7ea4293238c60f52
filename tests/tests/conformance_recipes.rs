//! The recipes that come with Apache ZooKeeper, an election and a lock: of three contenders at most one has won at any time, and
//! when it is killed another one does soon. Against both, on one server and on three, of which the leader is killed, too.
//!
//! Needs programs of others: see `interregnum_tests::outside`.

use std::path::Path;
use std::time::Duration;

use interregnum_tests::compatibility::Section;
use interregnum_tests::either::{Maker, Servers, TICK, records};
use interregnum_tests::process::Process;
use interregnum_tests::service::scratch;
use interregnum_tests::verdicts::Verdicts;
use interregnum_tests::waiting::{PATIENCE, Stopwatch, eventually, pause};
use interregnum_tests::{apache, java, outside};

/// The contenders' sessions outlive the election of a server.
const SESSION: Duration = Duration::from_secs(4);

/// For how long nobody may win while the winner lives.
const CALM: Duration = Duration::from_secs(1);

const RECIPES: [&str; 2] = ["election", "lock"];

const SECTION: Section = Section {
    name: "recipes",
    title: "Recipes in Java",
    about: "`LeaderElectionSupport` and `WriteLock`, which come with Apache ZooKeeper, each with three processes that contend \
            (`tests/java/Contender.java`). Cases, for each recipe: one wins; it is killed, and another one wins; of three servers the \
            leader is killed, and whoever has won has still won; the second winner is killed or gives up, and the third one wins. \
            In all of them at most one has won at any time, as a file says that only one process can lock.",
};

/// Three contenders for the same.
struct Contest {
    recipe: &'static str,
    contenders: Vec<Contender>,
}

struct Contender {
    name: String,
    process: Process,
    is_ready: bool,
    has_won: bool,
}

impl Contest {
    fn start(recipe: &'static str, classes: &Path, servers: &Servers, witness: &Path) -> Contest {
        let contender = |name: &str| {
            let session = SESSION.as_millis().to_string();
            let witness = witness.join(recipe).display().to_string();
            let arguments = [recipe, &servers.connect_string(), &session, name, &witness];
            let process = Process::start(&mut java::command(classes, "Contender", &arguments));
            Contender { name: name.to_owned(), process, is_ready: false, has_won: false }
        };
        Contest { recipe, contenders: ["a", "b", "c"].map(contender).into() }
    }

    /// Hears what they have said; it must be what a recipe may say.
    fn listen(&mut self) {
        for contender in &mut self.contenders {
            while let Some(line) = contender.process.line_if_any() {
                match line.as_str() {
                    "ready" => contender.is_ready = true,
                    "leads" => contender.has_won = true,
                    "released" => contender.has_won = false,
                    _ => panic!("{}, {}: {line}", self.recipe, contender.name),
                }
            }
        }
    }

    fn wait_until_ready(&mut self) {
        eventually("three contenders", PATIENCE * 2, || {
            self.listen();
            self.contenders.iter().all(|contender| contender.is_ready).then_some(())
        });
    }

    /// The one that has won, once there is one; there is no second.
    fn winner(&mut self, limit: Duration) -> usize {
        eventually(&format!("{}: a winner", self.recipe), limit, || {
            self.listen();
            let winners: Vec<usize> = (0..self.contenders.len()).filter(|one| self.contenders[*one].has_won).collect();
            assert!(winners.len() < 2, "{}: {} have won", self.recipe, winners.len());
            winners.first().copied()
        })
    }

    /// SIGKILL to the winner, which is no contender any more.
    fn kill_winner(&mut self) {
        let winner = self.winner(PATIENCE);
        self.contenders.remove(winner).process.kill();
    }

    /// Has the winner give up what it has won.
    fn stop_winner(&mut self) {
        let winner = self.winner(PATIENCE);
        self.contenders[winner].process.tell("stop");
        eventually("it gives up", PATIENCE, || {
            self.listen();
            (!self.contenders[winner].has_won).then_some(())
        });
    }
}

/// How long after the death of a winner there may be none: its session ends at a tick, of which the leader of an ensemble hears
/// after half a one.
fn takeover() -> Duration {
    SESSION + TICK * 2 + PATIENCE / 4
}

fn for_each(contests: &mut [Contest], act: impl Fn(&mut Contest)) {
    contests.iter_mut().for_each(act);
}

/// Has three contend by each recipe, and gives how many cases have held.
fn contend(servers: &mut Servers, is_ensemble: bool) -> usize {
    let classes = java::classes().expect("they were compiled before");
    let (_directory, witness) = scratch();
    std::fs::create_dir_all(&witness).expect("the directory can be made");
    let mut contests = RECIPES.map(|recipe| Contest::start(recipe, classes, servers, &witness));
    for_each(&mut contests, Contest::wait_until_ready);
    for_each(&mut contests, Contest::kill_winner);
    let watch = Stopwatch::start();
    for_each(&mut contests, |contest| _ = contest.winner(takeover()));
    assert!(watch.elapsed() > SESSION / 2, "the session of the dead was not over yet");
    let mut cases = 2;

    if is_ensemble {
        let winners: Vec<usize> = contests.iter_mut().map(|contest| contest.winner(PATIENCE)).collect();
        servers.kill_leader();
        let _ = servers.beginning_with("leader");
        pause(CALM);
        let after: Vec<usize> = contests.iter_mut().map(|contest| contest.winner(PATIENCE)).collect();
        assert_eq!(winners, after, "a server was killed, and no contender");
        for_each(&mut contests, Contest::kill_winner);
        cases += 1;
    } else {
        for_each(&mut contests, Contest::stop_winner);
    }
    for_each(&mut contests, |contest| _ = contest.winner(takeover()));
    (cases + 1) * RECIPES.len()
}

#[test]
fn the_recipes_hold() {
    if !outside::is_asked_for("the recipes in Java") {
        return;
    }
    if outside::obtained(Maker::Apache.obtain().and_then(|()| java::classes())).is_none() {
        return;
    }
    let seen = records(|maker, servers, members| {
        // What does not hold panics, with who did what.
        let verdicts = Verdicts { passed: contend(servers, members > 1), ..Verdicts::default() };
        verdicts.record("recipes in Java", &apache::version(), maker.server(members))
    });
    SECTION.settle(&seen);
}
