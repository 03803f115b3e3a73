import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Verify the chain of each keystore, as Java does before it trusts it, and print what Java throws.
 *
 * The arguments are the password, a keystore with the trusted authorities, and the keystores. A line of output: the
 * keystore, a tab, and the first line of the exception.
 */
public class Trust {
    public static void main(String[] arguments) throws Exception {
        char[] password = arguments[0].toCharArray();
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(open(arguments[1], password));
        X509TrustManager manager = (X509TrustManager) factory.getTrustManagers()[0];
        for (int index = 2; index < arguments.length; index++) {
            KeyStore store = open(arguments[index], password);
            Certificate[] found = store.getCertificateChain("authentication");
            X509Certificate[] chain = new X509Certificate[found.length];
            System.arraycopy(found, 0, chain, 0, found.length);
            try {
                manager.checkClientTrusted(chain, "RSA");
                System.out.println(arguments[index] + "\t");
            } catch (java.security.cert.CertificateException thrown) {
                System.out.println(arguments[index] + "\t" + thrown);
            }
        }
    }

    private static KeyStore open(String file, char[] password) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(Files.readAllBytes(Path.of(file))), password);
        return store;
    }
}
