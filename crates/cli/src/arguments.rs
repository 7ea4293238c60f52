//! What can be asked of the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A deterministic simulation testbed for leader election.
#[derive(Parser)]
#[command(name = "interregnum", version, about)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Shows the scenarios, what they show, and their parameters
    List(List),
    /// Runs a scenario over one seed or many
    Run(Run),
    /// Runs a saved schedule or failure again
    Replay(Replay),
    /// Makes a page for the browser of a saved run: swim lanes, faults, who led and who believed it, what broke
    ///
    /// The run is executed again for it. Of several files, or of what `run --json` printed, the page shows how the times
    /// without a leader are distributed. Ends with 0 if the page was written, whatever it shows.
    Report(Report),
    /// Explores schedules of faults in search of one that breaks something
    ///
    /// With `--corpus` what it knows lies in a directory: stopped, by Ctrl-C too, it goes on from there. What breaks is made
    /// small, replayed in a fresh process, and saved; it goes on after that until its runs or its time are spent.
    ///
    /// Ends as `run` does: with 0 if everything held, 10 or 11 if something broke, 13 if it never got anywhere.
    Fuzz(Fuzz),
    /// Makes a saved failure smaller: fewer and simpler faults, fewer nodes, a shorter run
    ///
    /// A smaller run counts only if the same monitor speaks first. What is left is replayed in a fresh process.
    ///
    /// Ends with 0 if it was made as small as the runs allow; with 1 if it does not fail; with 12 if what is left does not
    /// replay.
    Shrink(Shrink),
    /// Shows which strategy keeps which promise under which faults: a table of strategies and fault families
    ///
    /// A cell is a campaign in which what breaks of belief, effect, order and failover is counted, whatever is promised. For
    /// everything that breaks a small schedule is saved, and replayed before it counts.
    ///
    /// Ends with 0 if every promise was kept, however much else broke, and whatever is planted; with 10 or 11 if one was
    /// broken, or the service; with 12 if what broke does not replay; with 13 if the runs of a cell never got to where
    /// anything could break.
    Matrix(Matrix),
    /// Hunts all planted bugs, with controls: is each caught, how soon, and by how few faults
    ///
    /// The control of a bug is the same scenario put right, which must stay silent on the same seeds; the canary is a
    /// scenario that always fails, which must be reported. Otherwise the whole table is void.
    ///
    /// Ends with 0 if every bug was caught, every control silent, and the canary reported; with 10 if a bug was not caught,
    /// or only by a monitor that is not meant for it; with 13 if the table is void; with 12 if what was caught does not
    /// replay.
    Zoo(Zoo),
    /// Checks whether a history from a file is linearizable
    Check(Check),
    /// Serves the coordination service on a real port
    Serve(Serve),
    /// Measures the speed of the simulation, or of the service beside Apache ZooKeeper, as ratios within one run
    Bench(Bench),
}

/// `interregnum list`
#[derive(Args)]
pub struct List {
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// `interregnum run`
#[derive(Args)]
pub struct Run {
    /// The scenario, as `list` names it
    pub scenario: String,
    /// One seed
    #[arg(long, conflicts_with = "seeds")]
    pub seed: Option<u64>,
    /// Many seeds, the end excluded
    #[arg(long, value_name = "A..B")]
    pub seeds: Option<String>,
    /// How many runs at a time; by default as many as there are cores
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Sets a parameter of the scenario
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,
    /// The families of faults that may occur, separated by commas, or `none`
    #[arg(long, value_name = "FAMILY,…")]
    pub faults: Option<String>,
    /// The virtual time of a run, such as `5m`
    #[arg(long = "for", value_name = "TIME")]
    pub length: Option<String>,
    /// Takes the faults from a file, in place of making them from the seed
    #[arg(long, value_name = "FILE")]
    pub schedule: Option<PathBuf>,
    /// Runs each seed twice in this process and once in a fresh one, and compares
    #[arg(long)]
    pub check_determinism: bool,
    /// The trace hash that the run must have
    #[arg(long, value_name = "TRACE", requires = "seed")]
    pub expect: Option<String>,
    /// Stops at the first run that fails
    #[arg(long)]
    pub until_failure: bool,
    /// Saves the schedule of each failure here
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// Stops at the first run that holds and reaches this point of interest, and saves its schedule, too
    #[arg(long, value_name = "POINT", requires = "save")]
    pub reaching: Option<String>,
    /// Writes all events of the run into a new file, one JSON object a line
    #[arg(long, value_name = "FILE", conflicts_with = "seeds")]
    pub history: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Set in the fresh process that repeats a run, so that it does not start another one
    #[arg(long, hide = true)]
    pub is_repetition: bool,
}

/// `interregnum replay`
#[derive(Args)]
pub struct Replay {
    /// A saved schedule or failure
    pub file: PathBuf,
    /// The trace hash that the run must have
    #[arg(long, value_name = "TRACE")]
    pub expect: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Set in the fresh process that repeats a run
    #[arg(long, hide = true)]
    pub is_repetition: bool,
}

/// `interregnum shrink`
#[derive(Args)]
pub struct Shrink {
    /// A saved failure; with `--reaching` a saved schedule
    pub file: PathBuf,
    /// Keeps what holds and reaches a point of interest, as `run` counts them, in place of what fails
    #[arg(long, value_name = "POINT")]
    pub reaching: Option<String>,
    /// Where the small one goes; by default beside the file, as `NAME.small.toml`
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How many runs may be spent
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(2..))]
    pub runs: u32,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// `interregnum report`
#[derive(Args)]
pub struct Report {
    /// A saved schedule or failure; or several; or what `run --json` printed
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Where the page goes; by default beside the first file, with its name and `.html`
    #[arg(short, long, value_name = "FILE", conflicts_with = "text")]
    pub output: Option<PathBuf>,
    /// Tells the same in the terminal, in fewer than 60 lines
    #[arg(long)]
    pub text: bool,
}

/// `interregnum fuzz`
#[derive(Args, Default)]
pub struct Fuzz {
    /// The scenario, as `list` names it
    #[arg(required_unless_present = "merge")]
    pub scenario: Option<String>,
    /// How many runs, those of earlier sessions included; 1000 unless there is a budget
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub runs: Option<u64>,
    /// How long it may take now, such as `60s`
    #[arg(long, value_name = "TIME")]
    pub budget: Option<String>,
    /// How the next schedule is found: random, swarm or guided
    #[arg(long, value_name = "STRATEGY", default_value = "guided")]
    pub strategy: String,
    /// The seed of all choices
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// How many runs at a time; by default as many as there are cores. What comes of it does not depend on that
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Sets a parameter of the scenario
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,
    /// The families of faults that may occur, separated by commas
    #[arg(long, value_name = "FAMILY,…")]
    pub faults: Option<String>,
    /// The virtual time of a run, such as `5m`
    #[arg(long = "for", value_name = "TIME")]
    pub length: Option<String>,
    /// Keeps what the campaign knows here, and goes on from it
    #[arg(long, value_name = "DIR")]
    pub corpus: Option<PathBuf>,
    /// Saves what breaks here; by default in `failures` in the directory of the campaign, or where you are
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// Does the `K`-th of `N` parts of the campaign, which have no run in common
    #[arg(long, value_name = "K/N")]
    pub shard: Option<String>,
    /// Runs nothing, and joins what several parts know into the directory that `--corpus` names
    #[arg(
        long,
        value_name = "DIR",
        num_args = 1..,
        requires = "corpus",
        conflicts_with_all = ["scenario", "runs", "budget", "settings", "faults", "length", "shard"],
    )]
    pub merge: Vec<PathBuf>,
    /// Stops at the first failure
    #[arg(long)]
    pub until_failure: bool,
    /// JSON: one object, the summary
    #[arg(long)]
    pub json: bool,
}

/// `interregnum matrix`
#[derive(Args)]
pub struct Matrix {
    /// The scenarios, as `list` names them; by default all elections
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// The seeds of each cell, the end excluded
    #[arg(long, value_name = "A..B", default_value = "0..2000")]
    pub seeds: String,
    /// How many runs at a time; by default as many as there are cores
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Sets a parameter of all scenarios
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,
    /// The columns, separated by commas: families of faults, `none`, `all`; by default each of them
    #[arg(long, value_name = "FAMILY,…")]
    pub faults: Option<String>,
    /// Saves a small schedule of everything that breaks here
    #[arg(long, value_name = "DIR", default_value = "matrix")]
    pub save: PathBuf,
    /// Writes the matrix as a document, with links to the schedules
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Runs nothing, and takes the cells from what was printed with `--json` before
    #[arg(
        long,
        value_name = "FILE",
        num_args = 1..,
        conflicts_with_all = ["scenarios", "seeds", "jobs", "settings", "faults", "save"],
    )]
    pub from: Vec<PathBuf>,
    /// One JSON object a line: the cells, and a summary
    #[arg(long)]
    pub json: bool,
}

/// `interregnum zoo`
#[derive(Args)]
pub struct Zoo {
    /// The bugs, such as `A30`; by default all
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// How many seeds each bug may take
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    pub runs: u64,
    /// How long all hunts together may take, such as `20m`, in place of a number of seeds
    #[arg(long, value_name = "TIME", conflicts_with = "runs")]
    pub budget: Option<String>,
    /// The seeds, the end excluded
    #[arg(long, value_name = "A..B", conflicts_with = "runs")]
    pub seeds: Option<String>,
    /// How many runs at a time; by default as many as there are cores
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Compares the strategies of `fuzz` in place of hunting: how many runs each takes until it finds each bug, in the
    /// median of so many campaigns
    #[arg(long, value_name = "CAMPAIGNS", conflicts_with_all = ["budget", "seeds", "save"], value_parser = clap::value_parser!(u64).range(1..))]
    pub compare: Option<u64>,
    /// Of the campaigns that are compared, only those of these seeds, the end excluded: several machines can share them
    #[arg(long, value_name = "A..B", requires = "compare", conflicts_with = "from")]
    pub campaigns: Option<String>,
    /// Which strategies are compared; by default all
    #[arg(long = "strategy", value_name = "STRATEGY", requires = "compare")]
    pub strategies: Vec<interregnum::explore::Strategy>,
    /// Runs nothing, and compares what was printed with `--compare … --json` before, in one part or several
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "compare")]
    pub from: Vec<PathBuf>,
    /// Saves a small schedule of each bug here
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// Writes the table as a document, with links to the schedules
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// One JSON object a line: the bugs, and a summary
    #[arg(long)]
    pub json: bool,
}

/// `interregnum check`
#[derive(Args)]
pub struct Check {
    /// The history: JSON objects, one a line, with `process`, `type` (invoke, ok, fail, info), `f`, `key`, `value`, `time`
    pub file: PathBuf,
    /// The object that the history is one of
    #[arg(long, value_enum)]
    pub model: Model,
    /// How many states may be explored for each key
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub budget: u64,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// An object whose histories can be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Model {
    /// read, write
    Register,
    /// read, write, cas
    Cas,
    /// get, put, append, delete
    Kv,
    /// create, delete, set, get, exists, with versions as ZooKeeper counts them; create_ephemeral and expire
    Znode,
    /// next: numbers that grow
    Sequence,
}

/// `interregnum serve`
#[derive(Args)]
pub struct Serve {
    /// The address that clients connect to; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:2181")]
    pub listen: SocketAddr,
    /// How many servers, all in this process, each at a port of its own: the one of `--listen` and those behind it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=9))]
    pub ensemble: u8,
    /// Takes the settings of one server from a file as ZooKeeper's users know it, such as `zoo.cfg`
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["listen", "ensemble", "data", "tick", "four_letter_words", "connections_per_address"],
    )]
    pub config: Option<PathBuf>,
    /// Keeps a transaction log and snapshots here, those of an ensemble in directories `1`, `2`, …; without it everything
    /// is in memory
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The unit of time, such as `2s`: sessions last between two and twenty of it
    #[arg(long, value_name = "TIME", default_value = "2s")]
    pub tick: String,
    /// The four-letter words that are answered, separated by commas; `*` for all
    #[arg(long, value_name = "WORD,…")]
    pub four_letter_words: Option<String>,
    /// How many connections to a server an address may have (`maxClientCnxns`); 0 is no limit
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub connections_per_address: u16,
}

/// `interregnum bench`
#[derive(Args)]
pub struct Bench {
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Measures less, to see that it works
    #[arg(long)]
    pub quick: bool,
    /// Measures the service on real ports beside Apache ZooKeeper, in place of the simulation
    #[arg(long)]
    pub beside_zookeeper: bool,
    /// Neither service waits for the disk: ours is in memory, Apache's has forceSync=no
    #[arg(long, requires = "beside_zookeeper")]
    pub volatile: bool,
    /// Only the rows whose name has this in it, such as `get` or `3 servers`
    #[arg(long, value_name = "TEXT", requires = "beside_zookeeper")]
    pub only: Option<String>,
}
