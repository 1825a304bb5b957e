package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// credentials are what a login stores.
type credentials struct {
	URL          string    `json:"url"`
	Email        string    `json:"email"`
	AccessToken  string    `json:"access_token"`
	RefreshToken string    `json:"refresh_token"`
	ExpiresAt    time.Time `json:"expires_at"` // of the access token
}

// credentialsPath is in the system's folder for the settings of this user.
func credentialsPath() (string, error) {
	folder, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, "latchkey", "credentials.json"), nil
}

// loadCredentials returns errSignedOut if there are none, and refuses a file that other users
// of this machine could read.
func loadCredentials() (credentials, error) {
	var c credentials
	path, err := credentialsPath()
	if err != nil {
		return c, err
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, errSignedOut
	}
	if err != nil {
		return c, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return c, &failure{exitRefused, fmt.Sprintf("others can read %s: `chmod 600` it, or use `latchkey login` and end the old session", path)}
	}
	text, err := os.ReadFile(path) //nolint:gosec // in the user's own settings folder
	if err != nil {
		return c, err
	}
	if json.Unmarshal(text, &c) != nil || c.URL == "" || c.RefreshToken == "" {
		return c, errSignedOut
	}
	return c, nil
}

// save replaces the file in one step: a reader sees either the old tokens or the new.
func (c credentials) save() error {
	path, err := credentialsPath()
	if err != nil {
		return err
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	text, err := json.MarshalIndent(c, "", "  ") //nolint:gosec // the file is for the tokens
	if err != nil {
		return err
	}
	written, err := os.CreateTemp(folder, ".credentials-*") // 0600
	if err != nil {
		return err
	}
	_, err = written.Write(append(text, '\n'))
	err = errors.Join(err, written.Sync(), written.Close())
	if err == nil {
		err = os.Rename(written.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(written.Name()))
	}
	return nil
}

func forgetCredentials() error {
	path, err := credentialsPath()
	if err != nil {
		return err
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
