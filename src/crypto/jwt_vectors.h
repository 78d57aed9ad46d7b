// Tokens and public keys made with PyJWT and the Python package cryptography; the private halves
// were thrown away. For the tests of this room.
#pragma once

#include <string_view>

namespace toolgate::crypto::vectors {

inline constexpr std::string_view rsa_jwk =
    R"({"kty":"RSA","n":"lH1JG8t3_mRBVjUGt3muyvWkFYSwsPLbuC0OJIfI8xOe8cAJpRt01ozfpA)"
    R"(KiE-Mo-D-IZH0IHcnggmR2wWyp-oJHWDf_H0OOdSyvoO7kTTnOK5JZSncJuQQNLF2nTrrN0oWy72)"
    R"(8vE1OLF5u6nbRwKS1DW0dijBImgv8SwdJMfh0vb4UBLWLasIGvk0QrQ1V8NbPSw_X50nNGbZzFMu)"
    R"(Cb75AIR1qFAdPKWMVGkewYXO6LYJ4vMa_XLG27fjeGpE_5Mjp5T0S1jL1EOwPSw2x9EwyLFQWsyY)"
    R"(SS76NNF689XlQB05MjCP-UVGT13J8LgzyCLZxXk__lC9RkolsUdR6Tkw","e":"AQAB"})";
inline constexpr std::string_view p256_jwk =
    R"({"kty":"EC","crv":"P-256","x":"VG5CSuxUhnxJfHU61b13-5_Fs78fhAmn4TI1AqGCGZQ",)"
    R"("y":"Xu-ua2CYz5zvjTANeBItla_8hCTfXAf5sRbdJr8ENjo"})";
inline constexpr std::string_view p384_jwk =
    R"({"kty":"EC","crv":"P-384","x":"-uHIOby9RO9BxPtCAEyo_c_FQxiJY88-aj2zO09Pj52dW)"
    R"(BlkOPculuU1FZdrldIB","y":"0qvz1pveg5gU0G-WBzJN-2KrbC6S_LXMjPFBeE8TTSe0awI8BE)"
    R"(JdqhZawvZsxkui"})";
inline constexpr std::string_view p521_jwk =
    R"({"kty":"EC","crv":"P-521","x":"ARi0Ww4X9xKKego5DIzjm7Aq0vDNbXmjfu_H6HyARvK7e)"
    R"(W3lXFQ2VWp0tlMN4zgwYr1hxGEwPVOjRaR7iBhCvfv-","y":"AAYQTW7dME73IIXHy6d-5IZj1x)"
    R"(HJU-p17z5Lixik-tjcqB185zEtg7NDtyQlFm1IZHhUPEJXJuM7kzta2YQPRQ1k"})";
inline constexpr std::string_view ed_jwk =
    R"({"x":"T05JCBHQTiwNZo-9uWrWg9MBhmECSp1PA9oMTYCYMbc","kty":"OKP","crv":"Ed2551)"
    R"(9"})";
inline constexpr std::string_view short_rsa_jwk =
    R"({"kty":"RSA","n":"yecqTXVtjHKd2qIunD2Sq8J8DQkVfetuJYWyCAO_phval1DXdgElFCqJyu)"
    R"(oEE5eDZktall1BiO5waESeL0yC5f3Vbh0GzTiuWSzCkkYVAwXlHQe1f2udkftjSKU6V1w4MqHVq-)"
    R"(ApREvD-eocMLl-3MZnIK3U8IOFa6p14Lmmd70","e":"AQAB"})";

struct Signed {
  std::string_view algorithm;
  std::string_view jwk;
  std::string_view token;  // of {"sub":"ann"}
};
inline constexpr Signed tokens[] = {
    {"RS256", rsa_jwk,
     "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.Dz1Lf3YjNIV4JlGj8gZpZNY1QHQGLDy"
     "cuC9ywBlC2A6J8dcSIycKSHbEABHmcrgM9i8EIn6xMDYOBW5gar6fnrdtZqWsM-uW97-O39oRzTENLQB_CzYc7b"
     "lVu0F0qQuar4hmYpFJ-JdDaud6rD1rjW75aDSRUPEI43aGuFg9KGEKTV5_znZSJ6F1vy2EwqyKrAudxHd6OSv0u"
     "xUB9u7n7nZW4kRrM6KNGV-7RtWHDYMRVzaQxrB3hFEbJj8KoCOoRRF4iF5E6JoXJ32x0126N1d8r-hxDHTOiBLs"
     "EpTQrRpwkKOKWh4hhb2uThfeoYZIqiQbSNPm7hU7LX5dEuipdA"},
    {"RS384", rsa_jwk,
     "eyJhbGciOiJSUzM4NCIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.gTkUvqE6_tnRRz44YWSTjs-VW-D7aOV"
     "aaYMmSTQWswfW9gGl3YjNncw3Gj0wKQ1m7UGXDn6Sht5-OUbOCLiseg1MWVZIUNwuNchu987nxyDvXKv2-bENtu"
     "qYg8SRAsrk-inaT6uo7D2br6JQzKIAuJW9j8lPsKwoeSH8owpAE16MYLDWCtPRtvYVNCjtnUKycRTQwP89rH7dG"
     "1Mu4m8kf-U3q6VljRzKuKlCIOBCJyqc-9HmZbQmIeu2sVS-J-bXFg2BWJWZWHL5HLniS9dEfWiIvLcDsfGju5nG"
     "lPmgh-Ss_apffBkfOhos-UwSlI6qsAeIwmhHqQwSXsccw66vWA"},
    {"RS512", rsa_jwk,
     "eyJhbGciOiJSUzUxMiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.RRCY513IHC8KpBttg-wfOIHCynY92l4"
     "cJqFcxA03holmeNabGPidSrMkq1g7tDxlVMxUWo8oNhJJp4WhTycXgFy2NYUY_g4bi3z3KOmiw3VN8yic9CwZbr"
     "tY67DGi8xYyeGmmBM5YW6HEXbBOBoWGcmggbPVLUtilY41scoN2M0uQK6y3xRb38yeFvZ0X4FveYlSTYALqRQzF"
     "JPCE7TcNw9C-72favvgaATf6rbMAAeD8af0sSMO7H5BKXvlpMVyRdGJayf68NRnCrykm0A855G2RmkbVOXvJQ8n"
     "g_oS1uxzDWQ2yXiAt2vOfNG7HXQh_k6NQgEEDbpinT0Yb-ewsw"},
    {"PS256", rsa_jwk,
     "eyJhbGciOiJQUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.MKRicc_2x4mfPgelFet0H-IiITL__YR"
     "g7auuVn8Z--3mjivb4_iy2ji2Uw3gAnKkkIju8BExVawPwS02leiM_nykd50uNb3ScBGkho5AK-TbGFWC8XT_-J"
     "VLmynJLn-F6iK-uMR4SzzdvtuH-ZOuj3zUzPBwb1QNN911pN5fuqUkaaAtvur2z2cOkMTXB6Cyk1gG39QfS8oBT"
     "WpcvYPeZl6WlExAanpRfxsSuz-lbqlcZpwUBC-4OpcRGX0YpSZ7xzmffGGCkMksnPY_LkoLmQmokwIu4eKbWPbi"
     "2FnLBjh6ZSmz0djDQkihP3xe44zgCWTmY633Yqs7xead4nS4GA"},
    {"PS384", rsa_jwk,
     "eyJhbGciOiJQUzM4NCIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.g-gEo3qVlokAbyHPyt0i2EXhKStm17E"
     "LY1Hql9n2bfm5gbvcVZdBWIT--gQbftQN4YUu3vvOHkAyeOn7XeepaBsz_tT3iucCbEpbirwmB4ry6pII6eFQH_"
     "7YBb87I3DRkUETtN8M0TEJvJXCPfpof801aIB9wINPCNPb_GCDheEXFEYyvJtwbE0bq6rfmelBuZS_qkvwJhn8l"
     "vwKFPd80QatHE6Xqzsuz5RIkqhPOR6jgfdJ-CcPNRfCZ8nEXrPIKJKkfwhg24PT4lWydBiO1o9qT1b1th3EE3KX"
     "kfbflLY7mtlcE8AW7DEPoP4-ZyKWPj_vXQq498F-3XG2j8Lu_w"},
    {"PS512", rsa_jwk,
     "eyJhbGciOiJQUzUxMiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.PxE6Q-wlwVYdGB_76_PTGmBx7zgEHxZ"
     "yqqYEYsAI2Gf_XhCiBZ__WyvzQLZfnuX5Lr9PDFfpmd-07KHGRxkyd41iKAFlMN8WlJMQNMObdgKd0J3g7BcDvW"
     "_jiYDkrnNp4Lgs3OXhksciZchcB3dnTiQZmUy1_iEWQvQfzPdRjn8uMzI0TuwWi8PFnxNx0HRS4Kgr6NEJhzW4W"
     "Vr-Xn4mSRZAEd5GC1_1tPdbRJNLULf_b5SeSWLbODSos6DWPmRTBrR4nKk3IJ3nrt2u6IcrODa1FH2vdUd7Lmps"
     "-iKtqEIJP6UMuHXohT43UFncbeOmPUbkBfOyty2ysBklaz2eIA"},
    {"ES256", p256_jwk,
     "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.Q8IxANXB_JFcaFHQyYTUQJg3_2w9Eii"
     "9X3B9Wyq5RO6lFjix6qNg-o4xDtytj9kinCXcJnynSru2KCYW9CWrgA"},
    {"ES384", p384_jwk,
     "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.Xl1wLLnoCgPTeuIofdYICP8fRkcZ_Bu"
     "pCSfUW_CMPmJmiM27SlEt4JVbE3_leQP7qHCtzUBLilu_VB0IwMwA14t1jx0TJfaPZvmoXH1Cb34zXdSPtWmJCz"
     "hUpu1dbHnM"},
    {"ES512", p521_jwk,
     "eyJhbGciOiJFUzUxMiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.AARJS9xIBIIEoIZJck0HR1lreBBjJB3"
     "JZhyMMW62y5KWHAiMCrz3-QtdfBxH2O24T8kuTN_2y05h-p-EjjdA0fz3ALWEeiHiS70TmRu4Gkzdtdk3CVV642"
     "2kEt9-9Q9ZoTpQqpmkN5ulgNxoceI-uly2fhV8bsT_L-3r155G2gmPMW-K"},
    {"EdDSA", ed_jwk,
     "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.YMlJJSc84Rf9px4B3CHkJjdlCF6RRBZ"
     "bR1erint60Ny-KERLLnTGoqEuN1b4BM4Z_AqYxNwT8mrlMIxDexk8BA"},
};

}  // namespace toolgate::crypto::vectors
