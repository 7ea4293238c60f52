use super::*;

const SESSION: SessionId = SessionId(0x11);
const OTHER_SESSION: SessionId = SessionId(0x22);
/// Lower and higher than any guid in the order of names, so that only the numbers can tell.
const LOW: &str = "00000000000000000000000000000000";
const HIGH: &str = "zz";

/// A recipe with a clock and trust, to be led along.
struct Bench {
    recipe: Recipe,
    now: Instant,
    trusted_until: Option<Instant>,
    asked: Option<Request>,
    told: Vec<LeadershipEvent>,
    points: Vec<&'static str>,
    over: bool,
}

impl Bench {
    fn begin() -> Bench {
        Bench::begin_with(Planted::default())
    }

    fn begin_with(planted: Planted) -> Bench {
        let now = Instant::from_reading(Duration::from_secs(100));
        let recipe = Recipe::new(planted, "/election", SESSION, host::random::derive(1, "guids"));
        let (asked, told, points) = (None, Vec::new(), Vec::new());
        let trusted_until = Some(now + Duration::from_secs(4));
        let mut bench = Bench { recipe, now, trusted_until, asked, told, points, over: false };
        let effects = bench.recipe.begin();
        bench.take(effects);
        bench
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ask(request) => assert_eq!(self.asked.replace(request), None, "one request at a time"),
                Effect::Tell(event) => self.told.push(event),
                Effect::Sometimes(point) => self.points.push(point),
                Effect::Over => self.over = true,
            }
        }
    }

    fn step(&mut self, input: Input) {
        let effects = self.recipe.step(self.now, self.trusted_until, input);
        self.take(effects);
    }

    /// Waits for the recipe to ask, through its pauses.
    fn asks(&mut self) -> Request {
        if self.asked.is_none() {
            self.now += RETRY_PAUSE;
            self.step(Input::Tick);
        }
        self.asked.clone().expect("something is asked")
    }

    /// Answers what must have been asked.
    fn answer(&mut self, expected: &Request, answer: Answer) {
        assert_eq!(self.asks(), *expected);
        self.asked = None;
        self.step(Input::Answered(answer));
    }

    fn name(&self, number: i32) -> String {
        format!("{}-n_{number:010}", self.recipe.guid())
    }

    fn create(&self) -> Request {
        Request::CreateCandidacy(names::prefix(self.recipe.guid()))
    }

    fn created(&mut self, number: i32) -> String {
        let name = self.name(number);
        self.answer(&self.create(), Answer::Created(name.clone()));
        name
    }

    fn listed(&mut self, names: &[&str]) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        self.answer(&Request::List, Answer::Children(names));
    }

    fn inspected(&mut self, name: &str, czxid: i64, owner: SessionId) {
        let found = Found { czxid, owner };
        self.answer(&Request::InspectOwn(name.to_owned()), Answer::Inspected(Some(found)));
    }

    /// Leads as number 5, by transaction 50.
    fn leading() -> (Bench, String) {
        let mut bench = Bench::begin();
        let own = bench.created(5);
        bench.listed(&[&own]);
        bench.inspected(&own, 50, SESSION);
        assert_eq!(bench.recipe.term(), Some(Term(50)));
        (bench, own)
    }

    /// Waits as number 5 for number 4, whose guid is higher.
    fn waiting() -> (Bench, String, String) {
        let mut bench = Bench::begin();
        let own = bench.created(5);
        let predecessor = format!("{HIGH}-n_0000000004");
        bench.listed(&[&own, &predecessor, &format!("{LOW}-n_0000000003")]);
        let found = Found { czxid: 40, owner: OTHER_SESSION };
        bench.answer(&Request::WatchPredecessor(predecessor.clone()), Answer::Inspected(Some(found)));
        assert_eq!(bench.told.last(), Some(&LeadershipEvent::Waiting { on: format!("/election/{predecessor}") }));
        (bench, own, predecessor)
    }

    fn was_deposed(&self, because: &str) -> bool {
        let is_it = |event: &LeadershipEvent| matches!(event, LeadershipEvent::Deposed { term: Term(50), reason } if reason.contains(because));
        self.recipe.term().is_none() && self.told.last().is_some_and(is_it)
    }
}

#[test]
fn the_first_candidate_leads_under_the_creation_of_its_znode() {
    let (bench, own) = Bench::leading();
    let candidate = LeadershipEvent::Candidate { path: format!("/election/{own}") };
    assert_eq!(bench.told, [candidate, LeadershipEvent::Elected { term: Term(50) }]);
}

#[test]
fn a_missing_root_is_created_and_then_the_candidacy() {
    let mut bench = Bench::begin();
    bench.answer(&bench.create(), Answer::NoRoot);
    bench.answer(&Request::CreateRoot, Answer::Done);
    assert_eq!(bench.asks(), bench.create());
}

#[test]
fn order_is_by_number_and_what_is_no_candidacy_does_not_count() {
    let mut bench = Bench::begin();
    let own = bench.created(5);
    bench.listed(&[&format!("{LOW}-n_0000000006"), "lock", &own]);
    assert_eq!(bench.asks(), Request::InspectOwn(own));
}

#[test]
fn who_is_not_the_first_watches_the_next_lower_one() {
    let (bench, ..) = Bench::waiting();
    assert_eq!(bench.asked, None);
    assert_eq!(bench.recipe.deadline(bench.trusted_until), None, "who waits needs no clock");
}

#[test]
fn a_predecessor_gone_before_it_was_watched_leads_to_another_look() {
    let mut bench = Bench::begin();
    let own = bench.created(5);
    let predecessor = format!("{HIGH}-n_0000000004");
    bench.listed(&[&own, &predecessor]);
    bench.answer(&Request::WatchPredecessor(predecessor), Answer::Inspected(None));
    assert_eq!(bench.asks(), Request::List);
}

#[test]
fn a_predecessor_that_was_not_the_leader_only_moves_the_watch() {
    let (mut bench, own, _) = Bench::waiting();
    let leader = format!("{LOW}-n_0000000003");
    bench.step(Input::PredecessorChanged);
    bench.listed(&[&own, &leader]);
    assert_eq!(bench.asks(), Request::WatchPredecessor(leader));
    assert_eq!(bench.points, ["woke up for a predecessor that was not the leader"]);
    assert_eq!(bench.recipe.term(), None);
}

#[test]
fn an_unanswered_create_is_looked_for_after_a_sync_and_adopted_as_ones_own() {
    let mut bench = Bench::begin();
    bench.answer(&bench.create(), Answer::Unknown);
    bench.answer(&Request::Sync, Answer::Done);
    let own = bench.name(5);
    bench.listed(&[&own]);
    bench.inspected(&own, 50, SESSION);
    bench.listed(&[&own]);
    bench.inspected(&own, 50, SESSION);
    assert_eq!(bench.recipe.term(), Some(Term(50)));
    assert_eq!(bench.points, ["create of a candidacy was unanswered", "own candidacy found by its guid"]);
}

#[test]
fn what_was_found_is_inspected_again_if_the_look_at_it_had_no_answer() {
    let mut bench = Bench::begin();
    bench.answer(&bench.create(), Answer::Unknown);
    bench.answer(&Request::Sync, Answer::Done);
    let own = bench.name(5);
    bench.listed(&[&own]);
    bench.answer(&Request::InspectOwn(own.clone()), Answer::Unknown);
    let predecessor = format!("{HIGH}-n_0000000004");
    bench.listed(&[&own, &predecessor]);
    bench.inspected(&own, 50, SESSION);
    bench.listed(&[&own, &predecessor]);
    assert_eq!(bench.asks(), Request::WatchPredecessor(predecessor));
    assert_eq!(bench.told, [LeadershipEvent::Candidate { path: format!("/election/{own}") }]);
}

#[test]
fn an_unanswered_create_that_left_nothing_is_made_again() {
    let mut bench = Bench::begin();
    bench.answer(&bench.create(), Answer::Unknown);
    bench.answer(&Request::Sync, Answer::Done);
    bench.listed(&[]);
    assert_eq!(bench.asks(), bench.create());
}

#[test]
fn a_look_for_an_unanswered_create_that_fails_begins_again_with_a_sync() {
    let mut bench = Bench::begin();
    bench.answer(&bench.create(), Answer::Unknown);
    bench.answer(&Request::Sync, Answer::Done);
    bench.answer(&Request::List, Answer::NotDone);
    assert_eq!(bench.asks(), Request::Sync);
}

#[test]
fn a_znode_of_another_session_is_never_adopted() {
    let mut bench = Bench::begin();
    bench.answer(&bench.create(), Answer::Unknown);
    bench.answer(&Request::Sync, Answer::Done);
    let own = bench.name(5);
    bench.listed(&[&own]);
    bench.inspected(&own, 50, OTHER_SESSION);
    assert_ne!(bench.asks(), Request::List);
    let Request::CreateCandidacy(prefix) = bench.asks() else { panic!("it begins anew") };
    assert!(!own.starts_with(&prefix), "under another guid");
    assert_eq!(bench.told, []);
}

#[test]
fn a_create_that_happened_late_is_deleted_until_that_is_answered() {
    let mut bench = Bench::begin();
    let own = bench.created(5);
    let orphan = bench.name(7);
    bench.listed(&[&own, &orphan]);
    bench.answer(&Request::Delete(orphan.clone()), Answer::Unknown);
    bench.answer(&Request::Delete(orphan), Answer::Done);
    bench.listed(&[&own]);
    assert_eq!(bench.asks(), Request::InspectOwn(own));
}

#[test]
fn a_lost_connection_deposes_and_a_new_one_leads_to_a_new_look() {
    let (mut bench, own) = Bench::leading();
    bench.step(Input::Disconnected);
    assert!(bench.was_deposed("connection"));
    bench.step(Input::Connected);
    bench.listed(&[&own]);
    bench.inspected(&own, 50, SESSION);
    assert_eq!(bench.told.last(), Some(&LeadershipEvent::Elected { term: Term(50) }));
}

#[test]
fn nothing_is_claimed_between_two_connections() {
    let mut bench = Bench::begin();
    let own = bench.created(5);
    bench.listed(&[&own]);
    bench.step(Input::Disconnected);
    bench.inspected(&own, 50, SESSION);
    assert_eq!(bench.recipe.term(), None);
    bench.step(Input::Connected);
    assert_eq!(bench.asks(), Request::List);
}

#[test]
fn the_own_clock_deposes_before_anybody_has_said_so() {
    let (mut bench, _) = Bench::leading();
    let end = bench.trusted_until.expect("it is trusted");
    assert_eq!(bench.recipe.deadline(bench.trusted_until), Some(end));
    bench.now = end;
    bench.step(Input::Tick);
    assert!(bench.was_deposed("trusted"));
    assert_eq!(bench.points, ["stepped down by own clock"]);
    assert_eq!(bench.asks(), Request::List, "its answer will show whether the session lives");
}

#[test]
fn after_a_pause_any_news_finds_the_leader_deposed_first() {
    let (mut bench, _) = Bench::leading();
    bench.now += Duration::from_secs(30);
    bench.step(Input::Resign);
    let deposed = bench.told.iter().filter(|event| matches!(event, LeadershipEvent::Deposed { .. })).count();
    assert_eq!((deposed, bench.points[0]), (1, "stepped down by own clock"));
}

#[test]
fn leadership_is_not_claimed_by_who_cannot_trust_its_session() {
    let mut bench = Bench::begin();
    let own = bench.created(5);
    bench.listed(&[&own]);
    bench.now = bench.trusted_until.expect("it is trusted");
    bench.inspected(&own, 50, SESSION);
    assert_eq!(bench.recipe.term(), None);
    assert_eq!(bench.points, ["claim withheld by own clock"]);
    assert_eq!(bench.asks(), Request::List);
}

#[test]
fn a_deleted_znode_deposes_and_a_changed_one_is_watched_anew() {
    let (mut bench, own) = Bench::leading();
    bench.step(Input::OwnChanged { gone: false });
    assert_eq!(bench.recipe.term(), Some(Term(50)));
    bench.listed(&[&own]);
    bench.inspected(&own, 50, SESSION);
    bench.step(Input::OwnChanged { gone: true });
    assert!(bench.was_deposed("deleted"));
    bench.listed(&[]);
    assert_eq!(bench.asks(), bench.create());
}

#[test]
fn a_root_that_vanished_takes_the_leadership_with_it_and_is_made_again() {
    let (mut bench, _) = Bench::leading();
    bench.step(Input::Connected);
    bench.answer(&Request::List, Answer::NoRoot);
    assert!(bench.was_deposed("gone"));
    bench.answer(&bench.create(), Answer::NoRoot);
    assert_eq!(bench.asks(), Request::CreateRoot);
}

#[test]
fn the_end_of_the_session_ends_everything() {
    let (mut bench, _) = Bench::leading();
    bench.step(Input::SessionOver);
    assert!(bench.was_deposed("session"));
    assert!(bench.over);
}

#[test]
fn an_answer_after_the_end_of_the_session_changes_nothing() {
    let mut bench = Bench::begin();
    bench.step(Input::SessionOver);
    bench.step(Input::Answered(Answer::Unknown));
    assert!(bench.over);
    assert_eq!(bench.recipe.deadline(bench.trusted_until), None);
}

#[test]
fn who_resigns_steps_down_first_and_leaves_nothing_behind() {
    let (mut bench, own) = Bench::leading();
    bench.step(Input::Resign);
    assert!(bench.was_deposed("resigned"));
    bench.answer(&Request::Delete(own.clone()), Answer::Unknown);
    bench.answer(&Request::Delete(own.clone()), Answer::Done);
    bench.answer(&Request::Sync, Answer::Done);
    let orphan = bench.name(8);
    bench.listed(&[&orphan]);
    bench.answer(&Request::Delete(orphan), Answer::Done);
    bench.answer(&Request::Sync, Answer::Done);
    bench.listed(&[&format!("{LOW}-n_0000000009")]);
    assert!(bench.over);
}

#[test]
fn who_resigns_during_a_create_looks_for_what_it_left() {
    let mut bench = Bench::begin();
    bench.step(Input::Resign);
    assert!(!bench.over);
    bench.answer(&bench.create(), Answer::Unknown);
    bench.answer(&Request::Sync, Answer::Done);
    let own = bench.name(5);
    bench.listed(&[&own]);
    bench.answer(&Request::Delete(own), Answer::Done);
    bench.answer(&Request::Sync, Answer::Done);
    bench.listed(&[]);
    assert!(bench.over);
}

#[test]
fn who_resigns_while_waiting_takes_its_candidacy_away() {
    let (mut bench, own, _) = Bench::waiting();
    bench.step(Input::Resign);
    assert_eq!(bench.asks(), Request::Delete(own));
}

/// Whatever happens in whatever order, one request is under way at most, and leadership is told in pairs, is claimed
/// only while it is connected and trusted, and never outlives either.
#[test]
fn no_order_of_events_breaks_the_rules() {
    use rand::Rng;

    let mut elections = 0;
    for seed in 0..2000 {
        let mut random = host::random::derive(seed, "events");
        let mut bench = Bench::begin();
        let mut connected = true;
        let mut own = None;
        for _ in 0..150 {
            if random.gen_bool(0.3) {
                bench.now += Duration::from_millis(random.gen_range(0..1500));
            }
            if connected && random.gen_bool(0.5) {
                bench.trusted_until = Some(bench.now + Duration::from_secs(4));
            }
            let input = match random.gen_range(0..40) {
                0 => Input::Tick,
                1 => Input::Connected,
                2 => Input::Disconnected,
                3 => Input::OwnChanged { gone: random.gen_bool(0.5) },
                4 => Input::PredecessorChanged,
                5 if random.gen_bool(0.1) => Input::SessionOver,
                6 if random.gen_bool(0.1) => Input::Resign,
                _ => match bench.asked.take() {
                    Some(request) => Input::Answered(some_answer(&bench, own.as_deref(), &request, &mut random)),
                    None => Input::Tick,
                },
            };
            match &input {
                Input::Connected => connected = true,
                Input::Disconnected => connected = false,
                _ => {}
            }
            if let Input::Answered(Answer::Created(path)) = &input {
                own = Some(path.clone());
            }
            bench.step(input);
            let trusted = bench.trusted_until.is_some_and(|until| bench.now < until);
            assert!(bench.recipe.term().is_none() || (connected && trusted), "seed {seed}");
            let (mut begun, mut ended) = (0, 0);
            for event in &bench.told {
                begun += usize::from(matches!(event, LeadershipEvent::Elected { .. }));
                ended += usize::from(matches!(event, LeadershipEvent::Deposed { .. }));
            }
            assert_eq!(begun - ended, usize::from(bench.recipe.term().is_some()), "seed {seed}");
            if bench.over {
                break;
            }
        }
        elections += bench.told.iter().filter(|event| matches!(event, LeadershipEvent::Elected { .. })).count();
    }
    assert!(elections > 1000, "{elections} elections in 2000 histories say little");
}

fn some_answer(bench: &Bench, own: Option<&str>, request: &Request, random: &mut host::random::Stream) -> Answer {
    use rand::Rng;

    if random.gen_bool(0.15) {
        return if random.gen_bool(0.5) { Answer::Unknown } else { Answer::NotDone };
    }
    match request {
        Request::CreateRoot | Request::Sync | Request::Delete(_) => Answer::Done,
        Request::CreateCandidacy(prefix) if random.gen_bool(0.8) => {
            Answer::Created(format!("{prefix}{:010}", random.gen_range(0..9)))
        }
        Request::CreateCandidacy(_) => Answer::NoRoot,
        Request::List => {
            // Mostly what was created is there, now and then an orphan of one's own, and some others.
            let mut names = Vec::new();
            for number in 0..9 {
                let name = bench.name(number);
                let is_own = own.is_some_and(|own| own.ends_with(&name));
                if random.gen_bool(if is_own { 0.9 } else { 0.03 }) {
                    names.push(name);
                } else if random.gen_bool(0.1) {
                    names.push(format!("{HIGH}-n_{number:010}"));
                }
            }
            Answer::Children(names)
        }
        Request::InspectOwn(_) | Request::WatchPredecessor(_) => {
            let owner = if random.gen_bool(0.9) { SESSION } else { OTHER_SESSION };
            let found = Found { czxid: random.gen_range(1..4), owner };
            Answer::Inspected(random.gen_bool(0.8).then_some(found))
        }
    }
}

#[cfg(feature = "zoo")]
mod planted {
    use super::*;
    use crate::Mutant;

    fn begin(mutant: Mutant) -> Bench {
        Bench::begin_with(Planted::new(Some(mutant)))
    }

    #[test]
    fn one_orders_by_the_full_name() {
        let mut bench = begin(Mutant::OrdersByFullName);
        let own = bench.created(5);
        bench.listed(&[&own, &format!("{HIGH}-n_0000000004")]);
        assert_eq!(bench.asks(), Request::InspectOwn(own));
    }

    #[test]
    fn one_watches_the_first_and_leads_when_it_has_gone() {
        let mut bench = begin(Mutant::WatchesTheFirst);
        let own = bench.created(5);
        let first = format!("{LOW}-n_0000000003");
        bench.listed(&[&own, &format!("{HIGH}-n_0000000004"), &first]);
        let found = Found { czxid: 30, owner: OTHER_SESSION };
        bench.answer(&Request::WatchPredecessor(first), Answer::Inspected(Some(found)));
        bench.step(Input::PredecessorChanged);
        bench.inspected(&own, 50, SESSION);
        assert_eq!(bench.recipe.term(), Some(Term(50)));
    }

    #[test]
    fn one_leads_on_without_a_connection_and_one_even_without_a_session() {
        for (mutant, outlives_session) in [(Mutant::IgnoresDisconnected, false), (Mutant::IgnoresSession, true)] {
            let mut bench = begin(mutant);
            let own = bench.created(5);
            bench.listed(&[&own]);
            bench.inspected(&own, 50, SESSION);
            bench.step(Input::Disconnected);
            bench.now += Duration::from_secs(30);
            bench.step(Input::Tick);
            assert_eq!(bench.recipe.term(), Some(Term(50)));
            bench.step(Input::SessionOver);
            assert_eq!(bench.recipe.term().is_some(), outlives_session);
        }
    }

    #[test]
    fn one_makes_a_create_again_and_waits_for_its_own_orphan() {
        let mut bench = begin(Mutant::CreatesBlindly);
        bench.answer(&bench.create(), Answer::Unknown);
        let orphan = bench.name(4);
        let own = bench.created(5);
        bench.listed(&[&orphan, &own]);
        assert_eq!(bench.asks(), Request::WatchPredecessor(orphan));
    }

    #[test]
    fn one_looks_without_a_sync() {
        let mut bench = begin(Mutant::LooksWithoutSync);
        bench.answer(&bench.create(), Answer::Unknown);
        assert_eq!(bench.asks(), Request::List);
    }

    #[test]
    fn one_leads_by_the_znode_of_its_former_session() {
        let mut bench = begin(Mutant::AdoptsWithoutOwner);
        let own = bench.name(5);
        bench.listed(&[&own]);
        bench.inspected(&own, 50, OTHER_SESSION);
        bench.listed(&[&own]);
        bench.inspected(&own, 50, OTHER_SESSION);
        assert_eq!(bench.recipe.term(), Some(Term(50)));
    }
}
