//! One fault as a file has it: `[[fault]]`.

use std::fmt::Write;
use std::time::Duration;

use super::{quoted, quoted_list};
use crate::error::UserError;
use crate::schedule::reader::{Source, Table};
use crate::schedule::{Ambush, Fault, FaultKind, Lasts, Step, Strike};
use crate::span;

/// The lines of a fault, behind a comment that says it in words.
pub(super) fn write_fault(fault: &Fault) -> String {
    // A name may hold what no comment may.
    let in_words = fault.kind.to_string().replace(char::is_control, " ");
    let mut text = format!("\n# {in_words}\n[[fault]]\nat = {}", quoted(&span::show(fault.at)));
    let mut field = |key: &str, value: String| write!(text, "\n{key} = {value}").expect("text takes everything");
    match fault.lasts {
        _ if fault.kind.is_instant() => {}
        Lasts::For(duration) => field("lasts", quoted(&span::show(duration))),
        Lasts::Forever => field("lasts", quoted("forever")),
    }
    field("kind", quoted(fault.kind.name()));
    write_fields(&fault.kind, &mut field);
    text
}

fn write_fields(kind: &FaultKind, field: &mut impl FnMut(&str, String)) {
    match kind {
        FaultKind::Split { groups } => {
            let groups: Vec<String> = groups.iter().map(|group| quoted_list(group)).collect();
            field("groups", format!("[{}]", groups.join(", ")));
        }
        FaultKind::Bridge { left, right } => {
            field("left", quoted_list(left));
            field("right", quoted_list(right));
        }
        FaultKind::Ring { nodes } | FaultKind::Blackout { nodes } => field("nodes", quoted_list(nodes)),
        FaultKind::OneWay { from, to }
        | FaultKind::Slow { from, to, .. }
        | FaultKind::SlowOneWay { from, to, .. }
        | FaultKind::Lossy { from, to, .. }
        | FaultKind::Narrow { from, to, .. } => {
            field("from", quoted_list(from));
            field("to", quoted_list(to));
        }
        FaultKind::CutLeader => {}
        _ => field("node", quoted(kind.nodes()[0])),
    }
    match kind {
        FaultKind::Slow { extra, .. } | FaultKind::SlowOneWay { extra, .. } | FaultKind::SlowSync { extra, .. } => {
            field("extra", quoted(&span::show(*extra)))
        }
        FaultKind::Lossy { percent, .. } => field("percent", percent.to_string()),
        FaultKind::Narrow { bytes_per_second, .. } => field("bytes_per_second", bytes_per_second.to_string()),
        FaultKind::Step { milliseconds, .. } => field("milliseconds", milliseconds.to_string()),
        FaultKind::Drift { parts_per_million, .. } => field("parts_per_million", parts_per_million.to_string()),
        FaultKind::Strobe { milliseconds, period, .. } => {
            field("milliseconds", milliseconds.to_string());
            field("period", quoted(&span::show(*period)));
        }
        FaultKind::FailSync { count, .. } => field("count", count.to_string()),
        FaultKind::Rot { bits, .. } => field("bits", bits.to_string()),
        _ => {}
    }
    if let Some(ambush) = kind.ambush() {
        write_ambush(ambush, field);
    }
}

/// What is not written is as it mostly is: the next step, at once.
fn write_ambush(ambush: &Ambush, field: &mut impl FnMut(&str, String)) {
    field("step", quoted(ambush.step.name()));
    if ambush.nth != 1 {
        field("nth", ambush.nth.to_string());
    }
    if !ambush.after.is_zero() {
        field("after", quoted(&span::show(ambush.after)));
    }
    field("down", quoted(&span::show(ambush.down)));
}

pub(super) fn read_fault(mut table: Table<'_, '_>, source: &Source<'_>) -> Result<Fault, UserError> {
    let at = table.duration("at")?;
    let (name, name_at) = table.placed_text("kind")?;
    let kind = match name.as_str() {
        "split" => FaultKind::Split { groups: table.text_groups("groups")? },
        "isolate" => FaultKind::Isolate { node: table.text("node")? },
        "bridge" => FaultKind::Bridge { left: table.texts("left")?, right: table.texts("right")? },
        "ring" => FaultKind::Ring { nodes: table.texts("nodes")? },
        "one_way" => FaultKind::OneWay { from: table.texts("from")?, to: table.texts("to")? },
        "cut_leader" => FaultKind::CutLeader,
        "cut_follower" => FaultKind::CutFollower { node: table.text("node")? },
        "slow" => {
            FaultKind::Slow { from: table.texts("from")?, to: table.texts("to")?, extra: table.duration("extra")? }
        }
        "slow_one_way" => FaultKind::SlowOneWay {
            from: table.texts("from")?,
            to: table.texts("to")?,
            extra: table.duration("extra")?,
        },
        "lossy" => {
            FaultKind::Lossy { from: table.texts("from")?, to: table.texts("to")?, percent: table.integer("percent")? }
        }
        "narrow" => FaultKind::Narrow {
            from: table.texts("from")?,
            to: table.texts("to")?,
            bytes_per_second: table.integer("bytes_per_second")?,
        },
        "kill" => FaultKind::Kill { node: table.text("node")? },
        "power" => FaultKind::Power { node: table.text("node")? },
        "blackout" => FaultKind::Blackout { nodes: table.texts("nodes")? },
        "pause" => FaultKind::Pause { node: table.text("node")? },
        "step" => FaultKind::Step { node: table.text("node")?, milliseconds: table.integer("milliseconds")? },
        "drift" => {
            FaultKind::Drift { node: table.text("node")?, parts_per_million: table.integer("parts_per_million")? }
        }
        "freeze" => FaultKind::Freeze { node: table.text("node")? },
        "strobe" => FaultKind::Strobe {
            node: table.text("node")?,
            milliseconds: table.integer("milliseconds")?,
            period: table.duration("period")?,
        },
        "slow_sync" => FaultKind::SlowSync { node: table.text("node")?, extra: table.duration("extra")? },
        "fail_sync" => FaultKind::FailSync { node: table.text("node")?, count: table.integer("count")? },
        "full" => FaultKind::Full { node: table.text("node")? },
        "wipe" => FaultKind::Wipe { node: table.text("node")? },
        "rot" => FaultKind::Rot { node: table.text("node")?, bits: table.integer("bits")? },
        "drop" => FaultKind::Drop { node: table.text("node")? },
        "ack_lost" => FaultKind::AckLost { node: table.text("node")? },
        "expire" => FaultKind::Expire { node: table.text("node")? },
        "move" => FaultKind::Move { node: table.text("node")? },
        other => match Strike::named(other) {
            Some(strike) => FaultKind::Ambush(read_ambush(strike, &mut table, source)?),
            None => {
                let error = UserError::unknown("kind of fault", other, FaultKind::NAMES);
                return Err(source.mistake(name_at, error.to_string()));
            }
        },
    };
    let lasts = read_lasts(&kind, &mut table, source)?;
    table.finish()?;
    Ok(Fault { at, lasts, kind })
}

fn read_ambush(strike: Strike, table: &mut Table<'_, '_>, source: &Source<'_>) -> Result<Ambush, UserError> {
    let node = table.text("node")?;
    let (step, step_at) = table.placed_text("step")?;
    let step: Step = step.parse().map_err(|error: UserError| source.mistake(step_at, error.to_string()))?;
    Ok(Ambush {
        strike,
        node,
        step,
        nth: table.optional_integer("nth")?.unwrap_or(1),
        after: table.optional_duration("after")?.unwrap_or_default(),
        down: table.duration("down")?,
    })
}

fn read_lasts(kind: &FaultKind, table: &mut Table<'_, '_>, source: &Source<'_>) -> Result<Lasts, UserError> {
    if kind.is_instant() {
        return Ok(Lasts::For(Duration::ZERO));
    }
    let (text, at) = table.placed_text("lasts")?;
    if text == "forever" {
        return Ok(Lasts::Forever);
    }
    let wrong = |why| source.mistake(at, format!("`{text}` is no length of time for `lasts`: {why}"));
    span::parse(&text).map(Lasts::For).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::schedule::SavedRun;

    const HEAD: &str = "format = 1\nscenario = \"election/docs\"\nseed = 7\n\n[[fault]]\nat = \"1s\"\n";

    fn read(body: &str) -> Result<Fault, UserError> {
        let run = SavedRun::parse(&format!("{HEAD}{body}"), Path::new("x.toml"))?;
        Ok(run.schedule.faults[0].clone())
    }

    fn read_again(fault: &Fault) -> Fault {
        let text = write_fault(fault);
        let body = text.split_once("at = \"1s\"\n").expect("it begins like that").1;
        read(body).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    fn lasting(kind: FaultKind) -> Fault {
        Fault { at: Duration::from_secs(1), lasts: Lasts::For(Duration::from_secs(9)), kind }
    }

    #[test]
    fn what_knows_the_ensemble_survives_its_file() {
        let at_once = Ambush {
            strike: Strike::Kill,
            node: "@leader".into(),
            step: Step::Fsync,
            nth: 1,
            after: Duration::ZERO,
            down: Duration::from_millis(1_500),
        };
        let later = Ambush { nth: 7, after: Duration::from_micros(350), step: Step::EpochAccepted, ..at_once.clone() };
        let of_a_candidate = Ambush { node: "@candidate".into(), step: Step::Leading, ..later.clone() };
        let strikes =
            |ambush: &Ambush| Strike::ALL.map(|strike| FaultKind::Ambush(Ambush { strike, ..ambush.clone() }));
        let others = [
            FaultKind::CutLeader,
            FaultKind::CutFollower { node: "@follower-2".into() },
            FaultKind::Blackout { nodes: vec!["zk1".into(), "@leader".into()] },
            FaultKind::Wipe { node: "zk1".into() },
            FaultKind::Rot { node: "@follower".into(), bits: 3 },
            FaultKind::Move { node: "@candidate-leader".into() },
        ];
        let ambushes = [&at_once, &later, &of_a_candidate].into_iter().flat_map(strikes);
        for kind in ambushes.chain(others) {
            assert!(FaultKind::NAMES.contains(&kind.name()), "{} is a kind", kind.name());
            let fault = lasting(kind);
            assert_eq!(read_again(&fault), fault);
        }
    }

    #[test]
    fn whatever_the_name_of_a_node_it_survives_its_file() {
        for node in ["c1\nc2", "c1\r", "\u{7f}", "\"\"\"", "\'\'\'", "\\", "#", ""] {
            let fault = lasting(FaultKind::Kill { node: node.into() });
            assert_eq!(read_again(&fault), fault);
        }
    }

    #[test]
    fn a_mistake_is_named_with_its_line() {
        let complaint = |body: &str| read(body).expect_err("it is wrong").to_string();
        assert_eq!(
            complaint(
                "lasts = \"9s\"\nkind = \"kill_at\"\nnode = \"@leader\"\nstep = \"broadcasted\"\ndown = \"1s\"\n"
            ),
            "x.toml:10: there is no step `broadcasted`; did you mean `broadcast`?"
        );
        assert_eq!(
            complaint("lasts = \"9s\"\nkind = \"kill_at\"\nnode = \"@leader\"\nstep = \"fsync\"\n"),
            "x.toml:5: this fault has no `down`"
        );
        assert_eq!(
            complaint("lasts = \"9s\"\nkind = \"cut_leader\"\nnode = \"zk1\"\n"),
            "x.toml:9: this fault has no use for `node`"
        );
        assert_eq!(
            complaint("lasts = \"9s\"\nkind = \"wipes\"\nnode = \"zk1\"\n"),
            "x.toml:8: there is no kind of fault `wipes`; did you mean `wipe`?"
        );
        let late = "lasts = \"9s\"\nkind = \"power_at\"\nnode = \"@leader\"\nstep = \"fsync\"\nafter = \"soon\"\ndown = \"1s\"\n";
        assert!(complaint(late).starts_with("x.toml:11: `soon` is no length of time for `after`"));
    }
}
