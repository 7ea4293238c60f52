//! `interregnum run`: a scenario over one seed or many.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use history::{Keep, Record, TraceHash};
use indicatif::{ProgressBar, ProgressStyle};
use interregnum::schedule::{Family, SavedRun};
use interregnum::{Campaign, Finding, Summary, UserError, Verdict, seeds};

use crate::arguments::Run;
use crate::{Exit, Failure, fresh, json, ladder, page, settings, show};

/// So many failures are repeated in a fresh process and shown in full; the others are counted.
const FAILURES_SHOWN: u64 = 3;

/// Runs a campaign.
pub fn run(arguments: &Run) -> Result<Exit, Failure> {
    interregnum::logs::init("off");
    let campaign = campaign(arguments)?;
    let expected = arguments.expect.as_deref().map(expected_trace).transpose()?;
    if let Some(directory) = &arguments.save {
        std::fs::create_dir_all(directory)
            .map_err(|error| UserError::BadFile { file: directory.clone(), why: error.to_string() })?;
    }
    if !arguments.json {
        println!("{} # {}", command(arguments, &campaign), show::versions());
    }
    let elsewhere = match arguments.check_determinism {
        true => Some(fresh::traces(&words(arguments, &campaign, None))?),
        false => None,
    };
    let mut report = Report { arguments, campaign: &campaign, elsewhere, shown: 0, different: 0, failure: None };
    let progress = progress(arguments, &campaign);
    let started = host::now();
    let summary = campaign.run(|finding| {
        progress.inc(1);
        let outcome = progress.suspend(|| report.take(finding));
        let go_on =
            outcome.is_ok() && (finding.outcome.held() || !arguments.until_failure) && !is_reached(arguments, finding);
        report.failure = outcome.err();
        go_on
    })?;
    progress.finish_and_clear();
    let wall = host::now() - started;
    if let Some(failure) = report.failure {
        return Err(failure);
    }
    if let Some(point) = &arguments.reaching
        && summary.sometimes.of(point) == 0
    {
        return Err(UserError::unknown(
            "point among those reached",
            point,
            summary.sometimes.iter().map(|(name, _)| name),
        )
        .into());
    }
    let mut summary = summary;
    summary.different += report.different;
    let beside = if arguments.is_repetition { None } else { ladder::beside(&campaign)? };
    if arguments.json {
        println!("{}", ladder::in_summary(json::summary(&summary, wall), beside.as_ref()));
    } else {
        println!("{}", show::summary(&summary, wall));
        beside.iter().for_each(|beside| println!("{beside}"));
    }
    if let Some(expected) = expected {
        let seen = campaign.run_seed(campaign.seeds.start)?.outcome.trace;
        if seen != expected {
            eprintln!("interregnum: the trace hash is {seen}, not {expected}: this is not the same run");
            return Ok(Exit::NotDeterministic);
        }
    }
    Ok(exit_of(&summary))
}

fn exit_of(summary: &Summary) -> Exit {
    let some = |verdict| summary.verdicts.get(&verdict).is_some_and(|count| *count > 0);
    match () {
        () if summary.different > 0 => Exit::NotDeterministic,
        () if some(Verdict::Panic) => Exit::Other,
        () if some(Verdict::Safety) => Exit::Safety,
        () if some(Verdict::Liveness) => Exit::Liveness,
        () if summary.is_vacuous() => Exit::Vacuous,
        () => Exit::Held,
    }
}

/// Takes in the findings of a campaign as they come.
struct Report<'a> {
    arguments: &'a Run,
    campaign: &'a Campaign,
    /// The trace hashes that a fresh process had, if determinism is checked.
    elsewhere: Option<BTreeMap<u64, String>>,
    shown: u64,
    /// How many runs differed in a fresh process.
    different: u64,
    failure: Option<Failure>,
}

impl Report<'_> {
    fn take(&mut self, finding: &Finding) -> Result<(), Failure> {
        let (plan, outcome) = (&finding.plan, &finding.outcome);
        let mut deterministic = finding.deterministic != Some(false);
        let show_in_full = !outcome.held() && self.shown < FAILURES_SHOWN;
        let elsewhere = match &self.elsewhere {
            Some(traces) => Some(traces.get(&plan.seed).cloned().unwrap_or_else(|| "nothing".to_owned())),
            // What fails is repeated in a fresh process before it is reported.
            None if show_in_full && !self.arguments.is_repetition => {
                fresh::traces(&words(self.arguments, self.campaign, Some(plan.seed)))?.remove(&plan.seed)
            }
            None => None,
        };
        if let Some(elsewhere) = elsewhere.filter(|elsewhere| *elsewhere != outcome.trace.to_string()) {
            deterministic = false;
            self.different += u64::from(finding.deterministic != Some(false));
            eprintln!("seed {}: trace hash {} here, {elsewhere} in a fresh process", plan.seed, outcome.trace);
        }
        let file = match &self.arguments.save {
            Some(directory) if !outcome.held() => Some(save(directory, finding, Vec::new())?),
            Some(directory) if is_reached(self.arguments, finding) => {
                let file = save(directory, finding, self.arguments.reaching.iter().cloned().collect())?;
                if !self.arguments.json {
                    println!("seed {} holds and reaches it: {}", plan.seed, file.display());
                }
                Some(file)
            }
            _ => None,
        };
        if let Some(file) = &file {
            let page = page::write(plan, file)?;
            if !self.arguments.json {
                println!("seed {}: {}", plan.seed, page.display());
            }
        }
        if let Some(file) = &self.arguments.history {
            write_history(file, &outcome.kept)?;
        }
        if self.arguments.json {
            println!("{}", json::run(plan, outcome, deterministic, file.as_deref()));
        } else if show_in_full {
            let command = match (&file, &self.arguments.schedule) {
                (Some(file), _) => format!("cargo sim replay {}", file.display()),
                (None, None) => plan.command(&self.campaign.families),
                (None, Some(file)) => {
                    format!("{} --schedule {}", plan.command(&self.campaign.families), file.display())
                }
            };
            println!("{}", show::failure(plan, outcome, &command));
        }
        self.shown += u64::from(show_in_full);
        Ok(())
    }
}

/// Whether a run holds and reaches what it is to reach.
fn is_reached(arguments: &Run, finding: &Finding) -> bool {
    let point = arguments.reaching.as_deref();
    point.is_some_and(|point| finding.outcome.held() && finding.outcome.sometimes.of(point) > 0)
}

/// Saves a run under a name of its own; one that is there already from the same run is kept.
fn save(directory: &Path, finding: &Finding, reaches: Vec<String>) -> Result<PathBuf, Failure> {
    let name = format!("{}-{}.toml", finding.plan.scenario.name().replace('/', "-"), finding.plan.seed);
    let file = directory.join(name);
    let saved = SavedRun { reaches, ..finding.plan.to_saved(finding.outcome.found()) };
    if file.exists() && SavedRun::load(&file).is_ok_and(|there| there.to_text() == saved.to_text()) {
        return Ok(file);
    }
    saved.save(&file)?;
    Ok(file)
}

/// Writes the events of a run into a file that does not exist yet.
fn write_history(file: &Path, records: &[Record]) -> Result<(), Failure> {
    let bad = |error: std::io::Error| UserError::BadFile { file: file.into(), why: error.to_string() };
    let mut output = std::io::BufWriter::new(std::fs::File::create_new(file).map_err(bad)?);
    for record in records {
        let line = serde_json::to_string(record).map_err(|error| Failure::Other(error.to_string()))?;
        writeln!(output, "{line}").map_err(bad)?;
    }
    output.flush().map_err(bad)?;
    Ok(())
}

fn expected_trace(text: &str) -> Result<TraceHash, UserError> {
    text.parse().map_err(UserError::Mismatch)
}

/// What the arguments ask for.
fn campaign(arguments: &Run) -> Result<Campaign, UserError> {
    let scenario = sims::CATALOGUE.find(&arguments.scenario)?;
    let mut parameters = scenario.parameters();
    let saved = match &arguments.schedule {
        None => None,
        Some(file) => {
            let saved = SavedRun::load(file)?;
            let mut saved = SavedRun { scenario: arguments.scenario.clone(), ..saved };
            for (key, value) in &saved.parameters {
                parameters.set(key, value)?;
            }
            // Checked against the file, so that a mistake is told with its line.
            saved.parameters.extend(settings(arguments)?);
            interregnum::Plan::from_saved(&saved, file, sims::CATALOGUE)?;
            Some(saved)
        }
    };
    for (key, value) in settings(arguments)? {
        parameters.set(&key, &value)?;
    }
    let seeds = match (arguments.seed, &arguments.seeds, &saved) {
        (Some(seed), _, _) => {
            seed..seed.checked_add(1).ok_or_else(|| UserError::Mismatch("the seed is too large".into()))?
        }
        (None, Some(range), _) => seeds::parse_range(range)?,
        (None, None, Some(saved)) => saved.seed..saved.seed + 1,
        (None, None, None) => 0..1,
    };
    Ok(Campaign {
        scenario,
        parameters,
        families: families(arguments.faults.as_deref())?,
        schedule: saved.map(|saved| saved.schedule),
        seeds,
        jobs: arguments.jobs.map_or_else(seeds::default_jobs, usize::from),
        twice: arguments.check_determinism,
        keep: if arguments.history.is_some() { Keep::Everything } else { Keep::Nothing },
    })
}

/// The parameters that the arguments set.
fn settings(arguments: &Run) -> Result<Vec<(String, String)>, UserError> {
    let mut settings = settings::parse(&arguments.settings)?;
    if let Some(length) = &arguments.length {
        settings.push(("length".to_owned(), length.clone()));
    }
    Ok(settings)
}

fn families(text: Option<&str>) -> Result<BTreeSet<Family>, UserError> {
    match text {
        None => Ok(BTreeSet::from(Family::ALL)),
        Some("none") => Ok(BTreeSet::new()),
        Some(names) => names.split(',').map(|name| name.trim().parse()).collect(),
    }
}

/// The arguments that make the whole campaign, or one seed of it, again.
fn words(arguments: &Run, campaign: &Campaign, seed: Option<u64>) -> Vec<String> {
    let mut words = vec!["run".to_owned(), arguments.scenario.clone()];
    match seed {
        Some(seed) => words.extend(["--seed".to_owned(), seed.to_string()]),
        None if campaign.seeds.end - campaign.seeds.start == 1 => {
            words.extend(["--seed".to_owned(), campaign.seeds.start.to_string()]);
        }
        None => words.extend(["--seeds".to_owned(), format!("{}..{}", campaign.seeds.start, campaign.seeds.end)]),
    }
    for (key, value) in campaign.parameters.changed_from(&campaign.scenario.parameters()) {
        words.extend(["--set".to_owned(), format!("{key}={value}")]);
    }
    if let Some(faults) = &arguments.faults {
        words.extend(["--faults".to_owned(), faults.clone()]);
    }
    if let Some(file) = &arguments.schedule {
        words.extend(["--schedule".to_owned(), file.display().to_string()]);
    }
    words
}

fn command(arguments: &Run, campaign: &Campaign) -> String {
    format!("cargo sim {}", words(arguments, campaign, None).join(" "))
}

/// A progress bar on a terminal; nothing elsewhere.
fn progress(arguments: &Run, campaign: &Campaign) -> ProgressBar {
    let runs = campaign.seeds.end - campaign.seeds.start;
    if arguments.json || runs < 10 || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} runs, {per_sec}, {eta} left");
    ProgressBar::new(runs).with_style(style.expect("the template is right"))
}
