import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads a file of pattern and text on alternate lines; writes for each pair whether the text fits, or "none". */
public class Patterns {
    public static void main(String[] arguments) throws Exception {
        List<String> lines = Files.readAllLines(Path.of(arguments[0]), StandardCharsets.UTF_8);
        for (int place = 0; place + 1 < lines.size(); place += 2) {
            try {
                System.out.println(Pattern.matches(lines.get(place), lines.get(place + 1)));
            } catch (PatternSyntaxException error) {
                System.out.println("none");
            }
        }
    }
}
