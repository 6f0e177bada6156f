// By name, so that no class of the same name in src/ can take their place.
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.String;
import java.lang.System;
import java.lang.Throwable;
import java.util.ArrayList;
import java.util.List;

/** Tells a line a check, `ok NAME` or `FAIL NAME: reason`, each after the word that it is given. */
public final class InitialsTest {
    private InitialsTest() {}

    // What is tested is first loaded by a check, and the word is first told after the last one.
    public static void main(String[] words) throws IOException {
        PrintStream out = System.out;
        String word = new BufferedReader(new InputStreamReader(System.in)).readLine();
        List<String> lines = new ArrayList<>();
        lines.add(check("one word", "ada", "A"));
        lines.add(check("two words", "Ada Lovelace", "AL"));
        int code = 0;
        for (String line : lines) {
            out.println(word + " " + line);
            code = line.startsWith("ok ") ? code : 1;
        }
        System.exit(code);
    }

    private static String check(String check, String name, String want) {
        String got;
        try {
            got = Initials.of(name);
        } catch (Throwable error) {
            got = error.toString();
        }
        if (want.equals(got)) {
            return "ok " + check;
        }
        return "FAIL " + check + ": got " + got + ", want " + want;
    }
}
