/**
 * The commonest passwords that the rule (8–32 characters, a letter and a digit) would let pass, in lower case,
 * from the heads of published lists of leaked ones, Chinese and English.
 */
const COMMON = `
password1 password12 password123 password1234 passw0rd passw0rd1 p@ssw0rd p@ssw0rd1 p@ssword1 pa55word pass1234
pass12345 qwerty12 qwerty123 qwerty1234 qwerty12345 qwert123 qwert1234 qwer1234 qwer12345 qwer123456 q1w2e3r4
q1w2e3r4t5 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 2wsx3edc zaq12wsx zaq1zaq1 zaq1xsw2 1qazxsw2 qazwsx12
qazwsx123 qazwsxedc123 asdf1234 asdf12345 asdfgh123 asdfghjkl1 zxcv1234 zxcvbnm1 zxcvbnm123 abc12345 abc123456 abc1234567
abc12345678 abc123456789 abcd1234 abcd12345 abcd123456 abcde12345 abcdef12 abcdef123 abcdefg1 abc123abc 123abc123 a1234567
a12345678 a123456789 a1234567890 aa123456 aa12345678 aa123456789 aaa12345 aaa123456 aaaa1111 a1b2c3d4 a1b2c3d4e5 1a2b3c4d
1a2b3c4d5e 123456aa 123456ab 123456abc 123456qq 123456zx 1234567a 12345678a 123456789a 1234567890a 12345abc 123456qwe
1234qwer 12345qwert 123456asd 123qweasd 123qweasdzxc 123qwe123 123qwe456 qwe123456 qwe12345 qwe123qwe asd123456 asd12345
asd123asd zxc123456 zxc12345 zxc123zxc q1234567 q12345678 q123456789 w1234567 w123456789 z1234567 z12345678 z123456789
x123456789 s123456789 l123456789 m123456789 c123456789 d123456789 j123456789 h123456789 y123456789 t123456789 qq123456
qq1234567 qq12345678 qq123456789 qq5201314 wo123456 woaini123 woaini520 woaini521 woaini1314 woaini5201314 5201314a a5201314
aini1314 love1314 iloveyou1 iloveyou2 iloveyou123 iloveu123 loveme123 lovely123 wang1234 wang123456 zhang123 zhang123456
li123456 liu123456 chen123456 yang123456 xiaoming123 woshishui1 tiancai123 nihao123 nihao1234 admin123 admin1234 admin12345
admin123456 admin888 administrator1 root1234 root12345 root123456 test1234 test12345 test123456 tester123 testing1 testing123
user1234 user12345 guest123 guest1234 demo1234 welcome1 welcome12 welcome123 welcome1234 letmein1 letmein12 letmein123
changeme1 changeme123 default1 default123 secret12 secret123 access123 login123 hello123 hello1234 hello12345 helloworld1
sunshine1 sunshine123 princess1 princess123 football1 football123 baseball1 baseball123 basketball1 superman1 superman123
batman123 spiderman1 starwars1 pokemon123 monkey12 monkey123 dragon12 dragon123 master12 master123 shadow12 shadow123 tigger123
charlie1 charlie123 michael1 michael123 jordan23 jennifer1 jessica1 michelle1 nicole123 daniel123 thomas123 andrew123 robert123
anthony1 matthew1 ashley123 hunter12 hunter123 killer123 soccer123 hockey123 harley123 ranger123 buster123 cookie123 summer123
winter123 spring123 autumn123 summer2020 winter2020 january1 monday123 friday123 computer1 computer123 internet1 internet123
google123 facebook1 samsung1 samsung123 iphone123 apple123 windows1 windows10 linux123 trustno1 whatever1 nothing1 blink182
freedom1 liverpool1 chelsea1 arsenal1 arsenal123 barcelona1 manchester1 juventus1 fuckyou1 fuckyou2 fuckyou123 asshole1 qwerty01
qwerty11 qwerty99 abcabc123 xyz12345 aaaaaa11 aaaaaaa1 aaaaaaaa1 a11111111 a1111111 a0000000 a00000000 aa111111 aa000000
11111111a 1111111a 111111aa 00000000a 88888888a a88888888 a66666666 66666666a a99999999 8888888a a7777777 a666666a a888888a
abc88888 abc11111 abc00000 p0o9i8u7 0p9o8i7u 1p2o3i4u mnbvcxz1 poiuytrewq1 lkjhgfdsa1 147258369a 159357a1 789456123a 741852963a
`;

const SET: ReadonlySet<string> = new Set(COMMON.split(/\s+/).filter(Boolean));

/** Whether a password is among the commonest, regardless of case. */
export function isCommonPassword(password: string): boolean {
  return SET.has(password.toLowerCase());
}
