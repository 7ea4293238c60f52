/** A test that cannot be made here, and why. */
final class Skipped extends RuntimeException {
    Skipped(String why) {
        super(why);
    }
}
