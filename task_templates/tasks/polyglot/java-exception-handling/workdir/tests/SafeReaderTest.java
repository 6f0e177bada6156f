// By name, so that no class of the same name in src/ can take their place.
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.lang.AssertionError;
import java.lang.Exception;
import java.lang.Math;
import java.lang.Object;
import java.lang.Override;
import java.lang.String;
import java.lang.System;
import java.lang.Throwable;
import java.util.ArrayList;
import java.util.List;

/** Tells a line a check, `ok NAME` or `FAIL NAME: reason`, each after the word that it is given. */
public final class SafeReaderTest {
    private SafeReaderTest() {}

    // What is tested is first loaded by a check, and the word is first told after the last one.
    public static void main(String[] words) throws IOException {
        PrintStream out = System.out;
        String word = new BufferedReader(new InputStreamReader(System.in)).readLine();
        List<String> lines = new ArrayList<>();
        lines.add(check("reads every line", SafeReaderTest::readsEveryLine));
        lines.add(check("closes after the last line", SafeReaderTest::closesAfterTheLastLine));
        lines.add(check("passes an error on", SafeReaderTest::passesAnErrorOn));
        lines.add(check("closes after an error", SafeReaderTest::closesAfterAnError));
        int code = 0;
        for (String line : lines) {
            out.println(word + " " + line);
            code = line.startsWith("ok ") ? code : 1;
        }
        System.exit(code);
    }

    private static void readsEveryLine() throws Exception {
        expect(List.of("one", "", "three"), SafeReader.readLines(new Source("one\n\nthree\n", false)));
        expect(List.of(), SafeReader.readLines(new Source("", false)));
        expect(List.of("no end"), SafeReader.readLines(new Source("no end", false)));
    }

    private static void closesAfterTheLastLine() throws Exception {
        Source source = new Source("one\ntwo\n", false);
        SafeReader.readLines(source);
        expect(true, source.closed);
    }

    private static void passesAnErrorOn() {
        Source source = new Source("one\ntwo\n", true);
        expect("the source is broken", errorOf(source));
    }

    private static void closesAfterAnError() {
        Source source = new Source("one\ntwo\n", true);
        errorOf(source);
        expect(true, source.closed);
    }

    private static String errorOf(Source source) {
        try {
            SafeReader.readLines(source);
        } catch (IOException error) {
            return error.getMessage();
        }
        return "no error";
    }

    private static void expect(Object expected, Object got) {
        if (!expected.equals(got)) {
            throw new AssertionError("expected " + expected + ", got " + got);
        }
    }

    private static String check(String name, Check check) {
        try {
            check.run();
            return "ok " + name;
        } catch (Throwable error) {
            return "FAIL " + name + ": " + error.getMessage();
        }
    }

    private interface Check {
        void run() throws Exception;
    }

    /** A text that knows whether it was closed, and that may break off with an error. */
    private static final class Source extends Reader {
        private final String text;
        private final boolean breaks;
        private int at = 0;
        private boolean closed = false;

        Source(String text, boolean breaks) {
            this.text = text;
            this.breaks = breaks;
        }

        @Override
        public int read(char[] into, int from, int length) throws IOException {
            int count = Math.min(length, text.length() - at);
            if (count > 0) {
                text.getChars(at, at + count, into, from);
                at += count;
                return count;
            }
            if (breaks) {
                throw new IOException("the source is broken");
            }
            return -1;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
