using System.Globalization;

namespace Lofizone.Testing.Nfs;

/// <summary>Writes the configuration file of one ganesha (ganesha-config(8), ganesha-core-config(8), ganesha-export-config(8)).</summary>
internal static class GaneshaConfiguration
{
    public static string Render(GaneshaOptions options, int port, string exportDirectory, string recoveryDirectory)
    {
        string grace = options.GraceSeconds is { } seconds
            ? $"Graceless = false; Grace_Period = {seconds.ToString(CultureInfo.InvariantCulture)};"
            : "Graceless = true;";
        string squash = options.RootSquash ? "Root_Squash" : "No_Root_Squash";
        string access = options.ReadWrite ? "RW" : "RO";
        return string.Create(CultureInfo.InvariantCulture, $$"""
            NFS_CORE_PARAM {
              NFS_Port = {{port}};
              Bind_addr = {{options.BindAddress ?? options.Address}};
              Protocols = 4;
              NSM_Use_Caller_Name = false;
              Enable_NLM = false;
              Enable_RQUOTA = false;
              Enable_UDP = false;
            }
            NFS_KRB5 { Active_krb5 = false; }
            NFSv4 {
              {{grace}}
              Lease_Lifetime = {{options.LeaseSeconds}};
              Minor_Versions = {{string.Join(',', options.MinorVersions)}};
              RecoveryBackend = fs;
              RecoveryRoot = "{{recoveryDirectory}}";
              Only_Numeric_Owners = true;
              Delegations = false;
            }
            EXPORT {
              Export_Id = 1;
              Path = "{{exportDirectory}}";
              Pseudo = "{{options.PseudoPath}}";
              Access_Type = {{(options.Clients is null ? access : "None")}};
              {{(options.Clients is null ? "" : $"CLIENT {{ Clients = {options.Clients}; Access_Type = {access}; }}")}}
              Squash = {{squash}};
              Anonymous_Uid = {{options.AnonymousUid}};
              Anonymous_Gid = {{options.AnonymousUid}};
              SecType = sys;
              Protocols = 4;
              Transports = TCP;
              FSAL { Name = VFS; }
            }
            LOG { Default_Log_Level = {{options.LogLevel}}; }

            """);
    }
}
