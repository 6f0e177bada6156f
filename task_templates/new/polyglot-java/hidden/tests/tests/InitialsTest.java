// By name, so that no class of the same name in src/ can take their place.
import java.lang.String;
import java.lang.System;
import java.lang.Throwable;

/** Prints a line a check: `ok NAME`, or `FAIL NAME: reason`. */
public final class InitialsTest {
    private static int failed = 0;

    private InitialsTest() {}

    public static void main(String[] words) {
        check("one word", "ada", "A");
        check("two words", "Ada Lovelace", "AL");
        check("several blanks", "Ada  Lovelace", "AL");
        check("blanks around", " ada\tlovelace ", "AL");
        check("no word", "  ", "");
        System.exit(failed == 0 ? 0 : 1);
    }

    private static void check(String check, String name, String want) {
        String got;
        try {
            got = Initials.of(name);
        } catch (Throwable error) {
            got = error.toString();
        }
        if (want.equals(got)) {
            System.out.println("ok " + check);
        } else {
            failed++;
            System.out.println("FAIL " + check + ": got " + got + ", want " + want);
        }
    }
}
