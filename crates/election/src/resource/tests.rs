use super::*;
use history::NodeName;

fn on_the_real_machine<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be had").block_on(test)
}

async fn open(directory: &Path, fencing: Fencing) -> String {
    let any = "127.0.0.1:0".parse().expect("an address");
    let resource = Resource::open(any, directory, fencing).await.expect("it opens");
    let address = resource.local_addr().expect("it listens").to_string();
    host::spawn(resource.serve());
    address
}

fn handle(address: &str) -> ResourceHandle {
    ResourceHandle::new(address, Duration::from_secs(5))
}

#[test]
fn a_lower_term_is_refused_for_ever() {
    let directory = tempfile::tempdir().expect("a directory");
    on_the_real_machine(async {
        let address = open(directory.path(), Fencing::Checked).await;
        let (mut old, mut new) = (handle(&address), handle(&address));
        assert_eq!(old.act(Term(5), "one").await.expect("an answer"), Verdict::Accepted);
        assert_eq!(new.act(Term(7), "two").await.expect("an answer"), Verdict::Accepted);
        let refused = Verdict::Refused { highest: Term(7) };
        assert_eq!(old.act(Term(5), "three").await.expect("an answer"), refused);
        assert_eq!(new.act(Term(7), "four").await.expect("an answer"), Verdict::Accepted);
        let address = open(directory.path(), Fencing::Checked).await;
        assert_eq!(handle(&address).act(Term(6), "five").await.expect("an answer"), refused, "after a restart too");
    });
}

#[test]
fn an_unchecked_resource_takes_everything() {
    let directory = tempfile::tempdir().expect("a directory");
    on_the_real_machine(async {
        let address = open(directory.path(), Fencing::Unchecked).await;
        for term in [7, 5, 6] {
            let verdict = handle(&address).act(Term(term), "act").await.expect("an answer");
            assert_eq!(verdict, Verdict::Accepted);
        }
    });
}

#[test]
fn an_act_said_again_takes_effect_once() {
    let directory = tempfile::tempdir().expect("a directory");
    on_the_real_machine(async {
        let fence = Fence::open(directory.path()).await.expect("it opens");
        let mut gate = Gate { fencing: Fencing::Checked, fence: Some(fence), latest: None };
        let act = |what: &str| Act { term: Term(3), by: NodeName::new("a"), act: what.to_owned() };
        assert_eq!(gate.judge(act("one")).await.expect("a verdict"), Verdict::Accepted);
        // With the fence out of the way, only an act that is not done again can be accepted.
        let fence = gate.fence.take();
        assert_eq!(gate.judge(act("one")).await.expect("a verdict"), Verdict::Accepted);
        assert!(gate.judge(act("two")).await.is_err(), "after the disk has failed nothing is decided");
        gate.fence = fence;
        assert_eq!(gate.judge(act("two")).await.expect("a verdict"), Verdict::Accepted);
    });
}

#[test]
fn who_does_not_speak_the_protocol_is_hung_up_on() {
    use tokio::io::AsyncReadExt;

    let directory = tempfile::tempdir().expect("a directory");
    on_the_real_machine(async {
        let address = open(directory.path(), Fencing::Checked).await.parse().expect("an address");
        let mut stream = TcpStream::connect(address).await.expect("it connects");
        stream.write_all(b"GET / HTTP/1.1\r\n").await.expect("it writes");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert_eq!(answer, b"");
    });
}

#[test]
fn an_explicit_fence_is_raised_by_fencing_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    on_the_real_machine(async {
        let address = open(directory.path(), Fencing::Explicit).await;
        let mut handle = handle(&address);
        for term in [7, 5] {
            let verdict = handle.act(Term(term), "act").await.expect("an answer");
            assert_eq!(verdict, Verdict::Accepted, "acts do not raise it");
        }
        for _ in 0..2 {
            assert_eq!(handle.fence(Term(7)).await.expect("an answer"), Verdict::Accepted);
        }
        let refused = Verdict::Refused { highest: Term(7) };
        assert_eq!(handle.act(Term(5), "late").await.expect("an answer"), refused);
        assert_eq!(handle.fence(Term(6)).await.expect("an answer"), refused);
        assert_eq!(handle.act(Term(7), "act").await.expect("an answer"), Verdict::Accepted);
    });
}
