using CsCheck;
using Lofizone.Shares;

namespace Lofizone.Tests.Shares;

public sealed class ShareUriTests
{
    [Theory]
    [InlineData("nfs://nas/export/zones", "nas", 2049, null, null, "/export/zones")]
    [InlineData("nfs://nas:20490/export/zones/", "nas", 20490, null, null, "/export/zones")]
    [InlineData("nfs://joost@nas/z", "nas", 2049, "joost", null, "/z")]
    [InlineData("nfs://joost:staff@[2001:db8::1]:2050/z", "2001:db8::1", 2050, "joost", "staff", "/z")]
    public void An_nfs_uri_names_server_port_identity_and_path(string text, string server, int port, string? user, string? group, string path)
    {
        ShareUri uri = ShareUri.Parse(text);
        Assert.Equal((true, server, port, user, group, path), (uri.IsNfs, uri.Server, uri.Port, uri.User, uri.Group, uri.Path));
        Assert.Equal(uri, ShareUri.Parse(uri.ToString()));
    }

    [Theory]
    [InlineData("nfs://b,a/z", "nfs://a,b/z")]
    [InlineData("nfs://NAS,nas/z", "nfs://nas/z")]
    [InlineData("nfs://u@b:2050,[2001:DB8::0:1]:3000,a:2049/z?connections=4", "nfs://u@[2001:db8::1]:3000,a,b:2050/z?connections=4")]
    [InlineData("nfs://a/z?transport=kernel", "nfs://a/z?transport=kernel")]
    [InlineData("nfs://a/z?transport=user&connections=2", "nfs://a/z?connections=2&transport=user")]
    [InlineData("nfs://[2001:db8::1],10.0.0.1/z/", "nfs://10.0.0.1,[2001:db8::1]/z")]
    public void The_canonical_form_does_not_depend_on_the_order_of_addresses_and_options(string text, string canonical)
    {
        Assert.Equal(canonical, ShareUri.Parse(text).ToString());
        Assert.Equal(ShareUri.Parse(text), ShareUri.Parse(canonical));
    }

    [Fact]
    public void What_lies_below_a_share_keeps_its_addresses_and_options()
    {
        ShareUri image = ShareUri.Parse("nfs://b,a/z?connections=2").Below("web/root.img");
        Assert.Equal("nfs://a,b/z/web/root.img?connections=2", image.ToString());
        Assert.Equal(2, image.Connections);
        Assert.Equal(["a", "b"], image.Addresses.Select(address => address.Host));
        Assert.Equal(("nfs://a,b/z/web?connections=2", "root.img"), (image.Split().Directory.ToString(), image.Split().Name));
    }

    [Theory]
    [InlineData("nfs://a/z", "nfs://b,A/z?connections=4", true)]
    [InlineData("nfs://a/z?transport=user", "nfs://a/z?transport=kernel", true)]
    [InlineData("nfs://u@a,b/z", "nfs://c,b/z", true)]
    [InlineData("nfs://a/z", "nfs://a:2050/z", false)]
    [InlineData("nfs://a,b/z", "nfs://c/z", false)]
    [InlineData("nfs://a/z", "nfs://a/y", false)]
    [InlineData("dir:/z", "nfs://a/z", false)]
    [InlineData("dir:/z", "/z", true)]
    public void Two_URIs_name_one_place_when_they_share_path_and_an_address(string one, string other, bool same)
    {
        Assert.Equal(same, ShareUri.Parse(one).IsSamePlace(ShareUri.Parse(other)));
        Assert.Equal(same, ShareUri.Parse(other).IsSamePlace(ShareUri.Parse(one)));
    }

    [Theory]
    [InlineData("dir:/var/share", "dir:/var/share")]
    [InlineData("/var//share/", "dir:/var/share")]
    [InlineData("dir:/", "dir:/")]
    public void A_directory_is_a_share(string text, string canonical) => Assert.Equal(canonical, ShareUri.Parse(text).ToString());

    [Theory]
    [InlineData("nfs://nas/my%20share", "/my share", "nfs://nas/my%20share")]
    [InlineData("nfs://nas/my share", "/my share", "nfs://nas/my%20share")]
    [InlineData("nfs://nas/100%25/%c3%a4", "/100%/ä", "nfs://nas/100%25/ä")]
    [InlineData("nfs://nas/what%3f?connections=2", "/what?", "nfs://nas/what%3F?connections=2")]
    [InlineData("dir:/a%20b#1", "/a b#1", "dir:/a%20b%231")]
    [InlineData("/a%20b", "/a%20b", "dir:/a%2520b")]
    [InlineData("nfs://nas/a+b=c@d:e", "/a+b=c@d:e", "nfs://nas/a+b=c@d:e")]
    public void Percent_signs_stand_for_what_RFC_3986_says_and_come_back_as_they_were(string text, string path, string printed)
    {
        ShareUri uri = ShareUri.Parse(text);
        Assert.Equal((path, printed), (uri.Path, uri.ToString()));
        Assert.Equal(uri, ShareUri.Parse(printed));
    }

    [Fact]
    public void An_identity_and_the_zone_of_a_link_local_address_are_encoded_too()
    {
        ShareUri uri = ShareUri.Parse("nfs://a%40corp:b%3ac@[fe80::1%251]/z");
        Assert.Equal(("a@corp", "b:c", "fe80::1%1"), (uri.User, uri.Group, uri.Server));
        Assert.Equal("nfs://a%40corp:b%3Ac@[fe80::1%251]/z", uri.ToString());
        Assert.Equal(uri, ShareUri.Parse(uri.ToString()));
    }

    [Fact]
    public void Whatever_a_path_holds_is_printed_and_read_back() =>
        Gen.OneOf(Gen.Char[' ', '~'], Gen.Char['¡', '퟿']).Array[1, 40].Select(c => new string(c)).Sample(name =>
        {
            if (name.Any(char.IsControl) || name.Split('/').Any(n => n is "." or ".."))
                return;
            foreach (string share in (string[])["nfs://nas/z", "dir:/z"])
            {
                ShareUri uri = ShareUri.Parse(share).Below(name);
                Assert.Equal(uri, ShareUri.Parse(uri.ToString()));
                Assert.All(uri.ToString(), c => Assert.True(Lofizone.SafeText.IsSafe(c) && c != ' '));
            }
        });

    [Theory]
    [InlineData("nfs://nas/a%2Fb")]
    [InlineData("nfs://nas/a%00b")]
    [InlineData("nfs://nas/a%0ab")]
    [InlineData("nfs://nas/%2e%2e/etc")]
    [InlineData("nfs://nas/a%2")]
    [InlineData("nfs://nas/a%zz")]
    [InlineData("nfs://nas/a% 1b")]
    [InlineData("nfs://nas/a%ff")]
    [InlineData("nfs://a%0a@nas/export")]
    [InlineData("dir:/a%2fb")]
    [InlineData("relative/path")]
    [InlineData("nfs://nas")]
    [InlineData("nfs:///export")]
    [InlineData("nfs://nas:0/export")]
    [InlineData("nfs://nas:70000/export")]
    [InlineData("nfs://2001:db8::1/export")]
    [InlineData("nfs://[nas]/export")]
    [InlineData("nfs://a:b:c@nas/export")]
    [InlineData("nfs://nas/export/../etc")]
    [InlineData("nfs://na s/export")]
    [InlineData("nfs://a,/export")]
    [InlineData("nfs://a,,b/export")]
    [InlineData("nfs://a,b:x/export")]
    [InlineData("nfs://a,b,c,d,e,f,g,h,i/export")]
    [InlineData("nfs://a/export?")]
    [InlineData("nfs://a/export?connections=0")]
    [InlineData("nfs://a/export?connections=17")]
    [InlineData("nfs://a/export?connections=2&connections=2")]
    [InlineData("nfs://a/export?nconnect=2")]
    [InlineData("nfs://a/export?transport=tcp")]
    [InlineData("nfs://a/export?transport")]
    [InlineData("nfs://a/export?transport=user&transport=kernel")]
    public void What_is_no_share_is_refused_with_the_text_in_the_message(string text)
    {
        LofizoneException error = Assert.Throws<LofizoneException>(() => ShareUri.Parse(text));
        Assert.StartsWith(text, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Advice);
    }
}
