//! The leader's work, from its election to the end of its reign.
//!
//! It goes on where its predecessor stopped: what is done is on the board. Each task goes out only while the reign holds,
//! and who hears from a worker that there is a newer leader steps down.

use history::Term;
use tokio::sync::{mpsc, watch};

use super::distribution::Input;
use super::distributor::Distributor;
use super::node::Options;
use super::tasks::Tasks;
use crate::candidate::deposed;
use crate::registry::Membership;
use crate::standing::{Participation, Reign};

/// How a reign ended.
pub(super) enum Ended {
    /// The strategy said so, or the clock.
    Deposed,
    /// A worker has accepted an assignment under this newer term.
    Superseded(Term),
}

/// Distributes tasks for as long as it leads.
pub(super) async fn lead(
    options: &Options,
    reign: &Reign,
    participation: &mut Participation,
    membership: &mut Membership,
    config: client::Config,
) -> Ended {
    let mut distributor = Distributor::planted(reign.term(), options.patience, options.planted);
    let (done_sender, done) = watch::channel(Tasks::default());
    let (news_sender, mut news) = mpsc::unbounded_channel();
    let attending = options.board.attend(config, done, news_sender);
    tokio::pin!(attending);
    distributor.take_in(Input::Workers(membership.view().members), || reign.holds());
    loop {
        let input = tokio::select! {
            biased;
            () = deposed(participation, reign) => return Ended::Deposed,
            news = news.recv() => news.expect("the board is attended to for as long as this lasts"),
            view = membership.changed() => Input::Workers(view.members),
            input = distributor.next() => input,
            never = &mut attending => match never {},
        };
        distributor.take_in(input, || reign.holds());
        if let Some(highest) = distributor.superseded_by() {
            return Ended::Superseded(highest);
        }
        done_sender.send_if_modified(|known| {
            let is_news = known != distributor.done();
            if is_news {
                known.clone_from(distributor.done());
            }
            is_news
        });
    }
}
