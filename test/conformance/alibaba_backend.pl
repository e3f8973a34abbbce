#!/usr/bin/perl
# A backend of Alibaba Cloud's API gateway checks X-Ca-Proxy-Signature. The vendor's demonstration (Sign.java) is in no package registry; this
# follows the steps that it takes, in a language in which nothing else here is written. Argument: the secret. A line of the input is a
# request, its parts separated by tabs: method, target, body in hex, then name and value of each header. A line of the output: accepted or
# refused.
use strict;
use warnings;
use Digest::MD5 qw(md5);
use Digest::SHA qw(hmac_sha256);
use MIME::Base64 qw(encode_base64);

my ($secret) = @ARGV;

sub decoded {
    my ($text) = @_;
    $text =~ tr/+/ /;
    $text =~ s/%([0-9A-Fa-f]{2})/chr(hex($1))/ge;
    return $text;
}

# Query and form in one map, the query first; of a repeated name the first value is kept.
sub parameters {
    my %found;
    for my $item (grep { length } map { split /&/ } @_) {
        my ($name, $value) = split /=/, $item, 2;
        $name = decoded($name);
        $found{$name} = decoded(defined $value ? $value : '') unless exists $found{$name};
    }
    return %found;
}

sub string_to_sign {
    my ($method, $target, $body, $headers) = @_;
    my ($path, $query) = split /\?/, $target, 2;
    my $form = ($headers->{'content-type'} || '') =~ m{^application/x-www-form-urlencoded}i;
    my $md5 = $method =~ /^(POST|PUT)$/i && !$form && length $body ? encode_base64(md5($body), '') : '';
    my $lines = '';
    for my $name (sort split /,/, $headers->{'x-ca-proxy-signature-headers'} || '') {
        my $value = $headers->{lc $name};
        $lines .= lc($name) . ":$value\n" if defined $value;
    }
    my %parameters = parameters(defined $query ? $query : '', $form ? $body : '');
    my $resource = join '&', map { "$_=$parameters{$_}" } sort keys %parameters;
    return "$method\n$md5\n$lines$path" . (length $resource ? "?$resource" : '');
}

while (my $line = <STDIN>) {
    chomp $line;
    my ($method, $target, $body, @pairs) = split /\t/, $line, -1;
    my %headers;
    while (my ($name, $value) = splice @pairs, 0, 2) { $headers{lc $name} = $value }
    my $text = string_to_sign($method, $target, pack('H*', $body), \%headers);
    my $given = $headers{'x-ca-proxy-signature'};
    print defined $given && $given eq encode_base64(hmac_sha256($text, $secret), '') ? "accepted\n" : "refused\n";
}
