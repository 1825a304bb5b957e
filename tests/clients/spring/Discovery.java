import java.util.List;
import java.util.Map;
import java.util.Set;

import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.web.client.RestClient;

/**
 * Spring Security finds the endpoints by itself (RFC 8414), gets a token, and uses it.
 * Reads API_URL, at whose root the API must be, ADMIN_EMAIL and ADMIN_PASSWORD.
 */
public class Discovery {
    private static final String API = System.getenv("API_URL");
    private static final String SCOPE = "write:events";
    private static final RestClient http = RestClient.builder().baseUrl(API).requestFactory(new SimpleClientHttpRequestFactory()).build();

    public static void main(String[] arguments) {
        var login = post("/v1/auth/login", "", Map.of("email", System.getenv("ADMIN_EMAIL"), "password", System.getenv("ADMIN_PASSWORD")));
        var key = post("/v1/api-keys", (String) login.get("token"), Map.of("label", "spring", "scopes", List.of("read:stats", SCOPE)));
        for (var method : List.of(ClientAuthenticationMethod.CLIENT_SECRET_BASIC, ClientAuthenticationMethod.CLIENT_SECRET_POST)) {
            var registration = ClientRegistrations.fromIssuerLocation(API)
                .registrationId("latchkey").clientId((String) key.get("id")).clientSecret((String) key.get("key"))
                .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS).clientAuthenticationMethod(method)
                .scope(SCOPE).build();
            var token = new RestClientClientCredentialsTokenResponseClient()
                .getTokenResponse(new OAuth2ClientCredentialsGrantRequest(registration)).getAccessToken();
            check(token.getScopes().equals(Set.of(SCOPE)), "the token has the scopes " + token.getScopes());
            var status = http.get().uri("/v1/auth/me").headers(headers -> headers.setBearerAuth(token.getTokenValue()))
                .retrieve().toBodilessEntity().getStatusCode();
            check(status == HttpStatus.OK, "the token gives " + status);
            System.out.println("ok    Spring Security, " + method.getValue() + ": it discovers, and its token opens the API");
        }
    }

    private static Map<String, Object> post(String path, String token, Object body) {
        return http.post().uri(path).headers(headers -> { if (!token.isEmpty()) headers.setBearerAuth(token); })
            .contentType(MediaType.APPLICATION_JSON).body(body).retrieve().body(new ParameterizedTypeReference<>() {});
    }

    private static void check(boolean kept, String otherwise) {
        if (!kept) throw new AssertionError(otherwise);
    }
}
