import java.io.FileInputStream;
import java.io.InputStream;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Collections;

/** Open a keystore as practice software does, and fail as it does: with Java's own exceptions. */
public class Loads {
    /** Arguments: the file, its type, its password, the password for its keys. */
    public static void main(String[] arguments) throws Exception {
        KeyStore keystore = KeyStore.getInstance(arguments[1]);
        try (InputStream file = new FileInputStream(arguments[0])) {
            keystore.load(file, arguments[2].toCharArray());
        }
        for (String alias : Collections.list(keystore.aliases())) {
            keystore.getKey(alias, arguments[3].toCharArray());
            ((X509Certificate) keystore.getCertificate(alias)).checkValidity();
        }
    }
}
